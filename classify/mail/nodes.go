package mail

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html/atom"
)

// Bounds of structured data. All of it is the sender's claim.
const (
	maxJSON      = 128 << 10 // bytes of one JSON-LD block
	maxJSONDepth = 12        // nested objects and arrays read
	maxProps     = 100       // properties of one node
	maxValue     = 2000      // bytes of one value
)

// readJSONLD reads one script of JSON-LD; broken ones are skipped.
func (m *Message) readJSONLD(raw []byte) {
	if len(raw) > maxJSON {
		m.note("JSON-LD of %d bytes not read", len(raw))
		return
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		m.note("JSON-LD cannot be read")
		return
	}
	m.addNodes(v, 0)
}

// addNodes keeps every typed object of v that stands on its own: at the top, in
// an array, or in an @graph.
func (m *Message) addNodes(v any, depth int) {
	if depth > maxJSONDepth {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			m.addNodes(e, depth+1)
		}
	case map[string]any:
		if g, ok := v["@graph"]; ok {
			m.addNodes(g, depth+1)
		}
		if kind := typeName(v["@type"]); kind != "" && len(m.Nodes) < MaxNodes {
			n := Node{Type: kind, Props: make(map[string]string)}
			m.Nodes = append(m.Nodes, n)
			n.flatten("", v, depth)
		}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			// A list of offers or products holds nodes of their own.
			if list, ok := v[k].([]any); ok && k != "@graph" {
				m.addNodes(list, depth+1)
			}
		}
	}
}

// flatten keeps the scalars of v under their path.
func (n Node) flatten(path string, v any, depth int) {
	if depth > maxJSONDepth || len(n.Props) >= maxProps {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if k == "@context" || k == "@graph" || path == "" && k == "@type" {
				continue
			}
			to := k
			if path != "" {
				to = path + "." + k
			}
			n.flatten(to, v[k], depth+1)
		}
	case []any:
		if len(v) > 0 {
			n.flatten(path, v[0], depth+1)
		}
	case string:
		if strings.HasSuffix(path, "@type") {
			v = typeName(v)
		}
		n.set(path, v)
	case json.Number:
		n.set(path, v.String())
	case bool:
		n.set(path, strconv.FormatBool(v))
	}
}

func (n Node) set(prop, value string) {
	value = clean(shorten(value, maxValue))
	if _, seen := n.Props[prop]; !seen && prop != "" && value != "" && len(n.Props) < maxProps {
		n.Props[prop] = value
	}
}

// typeName gives the short name of a type that may be a URL or a list.
func typeName(v any) string {
	switch v := v.(type) {
	case string:
		v = strings.TrimRight(strings.TrimSpace(v), "/#")
		return v[strings.LastIndexAny(v, "/#:")+1:]
	case []any:
		if len(v) > 0 {
			return typeName(v[0])
		}
	}
	return ""
}

// microdata gathers the items that attributes mark.
type microdata struct {
	items  []microItem
	text   textWriter
	taking bool   // the text of an element is a value
	prop   string // of that value
}

// microItem is an open item: its node in Message.Nodes, and where its properties go.
type microItem struct {
	node int // index, or -1 past MaxNodes
	path string
}

// open reads the microdata attributes of a start tag. It reports whether the
// element opened an item, or a property whose value is its text.
func (d *microdata) open(m *Message, a *attributes, name atom.Atom) (item, prop bool) {
	if a.itemscope && !void(name) && len(d.items) < maxJSONDepth {
		d.begin(m, a)
		return true, false
	}
	if a.itemprop == "" || len(d.items) == 0 {
		return false, false
	}
	in := d.items[len(d.items)-1]
	for _, v := range [...]string{a.content, a.datetime, a.href, a.src} {
		if v != "" {
			in.set(m, a.itemprop, v)
			return false, false
		}
	}
	if void(name) || d.taking {
		return false, false
	}
	d.taking, d.prop, d.text = true, a.itemprop, textWriter{max: maxValue}
	return false, true
}

// begin opens an item: a node of its own, or part of the node it is a property of.
func (d *microdata) begin(m *Message, a *attributes) {
	it := microItem{node: -1}
	if n := len(d.items); n > 0 && a.itemprop != "" {
		it = d.items[n-1]
		it.path += a.itemprop + "."
		it.set(m, "@type", typeName(a.itemtype))
	} else if len(m.Nodes) < MaxNodes {
		it.node = len(m.Nodes)
		m.Nodes = append(m.Nodes, Node{Type: typeName(a.itemtype), Props: make(map[string]string), micro: true})
	}
	d.items = append(d.items, it)
}

func (it microItem) set(m *Message, prop, value string) {
	if it.node >= 0 {
		m.Nodes[it.node].set(it.path+prop, value)
	}
}

// close ends what an element had opened.
func (d *microdata) close(m *Message, e element) {
	if e.prop && d.taking && len(d.items) > 0 {
		d.items[len(d.items)-1].set(m, d.prop, d.text.String())
	}
	if e.prop {
		d.taking = false
	}
	if e.item && len(d.items) > 0 {
		d.items = d.items[:len(d.items)-1]
	}
}
