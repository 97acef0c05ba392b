package provider

import (
	"maps"
	"slices"
)

// FreemailDomains lists freemail.txt.
func FreemailDomains() []string { return slices.Collect(maps.Keys(freemail())) }
