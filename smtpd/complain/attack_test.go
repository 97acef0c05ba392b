package complain

import "testing"

func TestAnAddressIsWrittenAsOne(t *testing.T) {
	for _, field := range []string{`"victim@other.example>x"@shop.example`, `"x,victim@other.example"@shop.example`, `"a\"b"@shop.example`} {
		if address, _ := addressIn(field); address != "" {
			t.Errorf("%s: To: %s, RCPT TO:<%s>", field, address, address)
		}
	}
}
