package mail

// Names that several floors must agree on stand here and nowhere else.
const (
	// HeaderPrefix begins every field of ours; inbound fields with it are removed.
	HeaderPrefix      = "Usher-"
	HeaderDisposition = "Usher-Disposition"
	HeaderCategory    = "Usher-Category"
	HeaderDecision    = "Usher-Decision"
	HeaderBecause     = "Usher-Because"
	HeaderQuirk       = "Usher-Quirk"
	HeaderDigest      = "Usher-Digest" // the one field of ours that we may let in: a digest of ours has it
)

// What a site asks of bulk mail: where it stands, and where a sender answers it.
const (
	LabelTerms     = "_mail-terms"                  // below the recipient's domain, a TXT record of TermsVersion
	LabelRelevance = "_relevance"                   // below a sender's domain, where it asks for reports
	LabelChallenge = "_challenge." + LabelRelevance // below a sender's domain, which it proves so
	TermsVersion   = "MAILTERMS1"
	PathTerms      = "/.well-known/mail-terms.json"
	PathRelevance  = "/relevance/v1/"         // below it senders are answered
	PathTermsOf    = PathRelevance + "terms/" // earlier ones, by their hash
	HeaderTerms    = "Mail-Terms"
)

// What a reply tells a sender who is declined: a tag, and why.
const (
	TagDeclined      = "relevance=declined"
	DeclinesMail     = "not-wanted"
	DeclinesTracking = "tracking"
	DeclinesUnsigned = "unsigned"
)

// Bounds of reading (MIME depth 20, 300 parts,
// header block 256 KiB, one field 64 KiB, decoded text 1 MiB).
const (
	MaxDepth  = 20        // nested multiparts
	MaxParts  = 300       // parts of one message
	MaxHeader = 256 << 10 // bytes of one header block
	MaxField  = 64 << 10  // bytes of one field
	MaxText   = 1 << 20   // bytes of decoded text
	MaxFields = 2000      // header fields kept
	MaxLinks  = 2000      // links kept, and images
	MaxNodes  = 50        // structured items kept
)
