package report

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compiled is our schema, read by a library of others.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// whole is a report with all that one may have, as JSON.
func whole(t *testing.T) map[string]any {
	t.Helper()
	r, err := Sample(Sampler{rand.Reader}, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	r.Metadata.Terms = &Terms{URL: "https://example.net/.well-known/mail-terms.json", SHA256: strings.Repeat("0", 64), Agr: "SD-BASE"}
	return asMap(t, r)
}

func asMap(t *testing.T, r *Report) (m map[string]any) {
	t.Helper()
	raw, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(raw, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestReportsAreAsTheSchemaSays(t *testing.T) {
	s := compiled(t)
	for range 20 {
		r, err := Sample(Sampler{rand.Reader}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(asMap(t, r)); err != nil {
			t.Errorf("a sample: %v", err)
		}
	}
	if err := s.Validate(whole(t)); err != nil {
		t.Errorf("a report with terms: %v", err)
	}
	row := func(m map[string]any) map[string]any { return m["records"].([]any)[0].(map[string]any) }
	for name, change := range map[string]func(m map[string]any){
		"another major version": func(m map[string]any) { m["version"] = "2.0" },
		"no rows":               func(m map[string]any) { m["records"] = []any{} },
		"a count below nothing": func(m map[string]any) { row(m)["recipients"] = -1. },
		"a topic of its own": func(m map[string]any) {
			row(m)["topics"] = []any{map[string]any{"topic": "shoes", "matched": 1., "unmatched": 1.}}
		},
		"a share above all": func(m map[string]any) { row(m)["relevance"].(map[string]any)["share"] = 1.1 },
		"no noise": func(m map[string]any) {
			delete(m["report_metadata"].(map[string]any)["privacy"].(map[string]any), "noise")
		},
		"a histogram with a hole": func(m map[string]any) { delete(row(m)["placement"].(map[string]any), "inbox") },
		"a day for a time": func(m map[string]any) {
			m["report_metadata"].(map[string]any)["date_range"].(map[string]any)["begin"] = "2026-11-21"
		},
	} {
		m := whole(t)
		if change(m); s.Validate(m) == nil {
			t.Errorf("%s is as the schema says", name)
		}
	}
}

// TestEveryFieldOfAReportIsInTheSchema, and no other.
func TestEveryFieldOfAReportIsInTheSchema(t *testing.T) {
	var doc map[string]any
	if err := json.Unmarshal(Schema, &doc); err != nil {
		t.Fatal(err)
	}
	defs := doc["$defs"].(map[string]any)
	var walk func(at string, says map[string]any, value any)
	walk = func(at string, says map[string]any, value any) {
		if ref, is := says["$ref"].(string); is {
			says = defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		}
		switch v := value.(type) {
		case []any:
			walk(at+"[]", says["items"].(map[string]any), v[0])
		case map[string]any:
			properties := says["properties"].(map[string]any)
			for name, inner := range v {
				if properties[name] == nil {
					t.Errorf("%s.%s is not in the schema", at, name)
					continue
				}
				walk(at+"."+name, properties[name].(map[string]any), inner)
			}
			for name := range properties {
				if _, is := v[name]; !is {
					t.Errorf("%s.%s is in the schema, and no report has it", at, name)
				}
			}
		}
	}
	walk("", doc, whole(t))
}
