package words

// Hash gives a number for a word (FNV-1a, 32 bits); two words seldom share one.
func Hash(word string) uint32 {
	h := uint32(2166136261)
	for i := range len(word) {
		h = (h ^ uint32(word[i])) * 16777619
	}
	return h
}
