package knows

import (
	"strings"

	"usher/classify/mail"
	"usher/classify/provider"
)

// collectors gather what people do across the mails and pages of many firms: by
// host, who it is. Where a path is told, only pictures under it count.
var collectors = map[string]struct{ name, path string }{
	"doubleclick.net":       {"Google DoubleClick", ""},
	"google-analytics.com":  {"Google Analytics", ""},
	"facebook.com":          {"Facebook", "/tr"},
	"demdex.net":            {"Adobe Audience Manager", ""},
	"everesttech.net":       {"Adobe Advertising", ""},
	"bluekai.com":           {"Oracle BlueKai", ""},
	"liadm.com":             {"LiveIntent", ""},
	"everestengagement.com": {"Validity Everest", ""},
	"returnpath.net":        {"Validity", ""},
	"emltrk.com":            {"Litmus", ""},
	"krxd.net":              {"Salesforce Krux", ""},
	"scorecardresearch.com": {"Comscore", ""},
	"px.ads.linkedin.com":   {"LinkedIn", ""},
}

// collectorOf names the collector to whom a picture tells of an opening, ""
// for none.
func collectorOf(i mail.Image) string {
	for host := i.Host; host != ""; _, host, _ = strings.Cut(host, ".") {
		c, ok := collectors[host]
		if !ok {
			continue
		}
		_, path, _ := strings.Cut(i.URL, i.Host)
		if c.path == "" || strings.HasPrefix(path, c.path+"?") || strings.HasPrefix(path, c.path+"/") {
			return c.name
		}
	}
	return ""
}

// isOther reports whether a host is neither the sender's own nor its provider's.
func (v *View) isOther(host string) bool {
	own := v.o.Identity.Brand()
	return (own == "" || host != own && !strings.HasSuffix(host, "."+own)) && provider.OfHost(host) == ""
}
