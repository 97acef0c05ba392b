package calendar

import "testing"

func TestATimeOfDayIsRead(t *testing.T) {
	for text, want := range map[string]int{"7:30": 450, "07.30": 450, "0:00": 0, "23:59": 1439, "24:00": -1, "7:3": -1, "7": -1, "+7:30": -1, "7:30:00": -1, "": -1} {
		got, ok := Minute(text)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is minute %d", text, got)
		}
	}
	for text, want := range map[string]string{"7am": `"07:00"`, "7:30pm": `"19:30"`, "12am": `"00:00"`, "12pm": `"12:00"`, "wekdays": `"weekdays"`, "noon": ""} {
		if got := TimeNear(text); got != want {
			t.Errorf("near %q is %s", text, got)
		}
	}
}

func TestAZoneIsFoundByItsCity(t *testing.T) {
	for text, want := range map[string]string{"helsinki": "Europe/Helsinki", "new york": "America/New_York", "europe/helsinki": "Europe/Helsinki", "nowhere": "", "local": ""} {
		if got := ZoneNear(text); got != want {
			t.Errorf("near %q is %q", text, got)
		}
	}
}
