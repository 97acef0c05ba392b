package daemon

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"usher/rules/people"
)

func TestDecisionsAreKeptAsThePersonElseTheSiteStates(t *testing.T) {
	for _, c := range []struct {
		name, own, site string
		want            int
	}{
		{"neither", "", "", 0},
		{"the person", "forget decisions after 2 weeks\n", "", 14},
		{"the site", "", "forget decisions after 10 days\n", 10},
		{"both: the person's own line beats the site's", "forget decisions after 60 days\n", "forget decisions after 10 days\n", 60},
		{"the person twice: the first decides", "forget decisions after 7 days\nforget decisions after 9 days\n", "", 7},
		{"a file that says nothing of it", "mute topic perfume\n", "forget decisions after 10 days\n", 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			own, site := filepath.Join(dir, "example.org", "maria.intents"), filepath.Join(dir, "site")
			if err := os.Mkdir(filepath.Dir(own), 0o700); err != nil {
				t.Fatal(err)
			}
			for path, text := range map[string]string{own: c.own, site: c.site} {
				if text == "" {
					continue
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			d := &Daemon{files: people.NewDir(dir, site, nil)}
			if got := d.stated(context.Background(), "maria@example.org"); got != c.want {
				t.Errorf("kept for %d days, want %d", got, c.want)
			}
		})
	}
}
