package caller

import (
	"os/user"
	"reflect"
	"strings"
	"testing"
)

const maria, pekka, info = "maria@example.org", "pekka@example.org", "info@example.org"

func TestOwnersAreRead(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings []string
		want     Owners
		say      string
	}{
		{"several mailboxes of one user", []string{"maria=Maria@Example.org, info+x@example.org"}, Owners{"maria": {maria, info}}, ""},
		{"a user named twice", []string{"maria=" + maria, "maria=" + info + "," + maria, "1000=" + pekka}, Owners{"maria": {maria, info}, "1000": {pekka}}, ""},
		{"a whole domain", []string{"root=*@Example.ORG"}, Owners{"root": {"*@example.org"}}, ""},
		{"no user", []string{"=" + maria}, nil, "USER=MAILBOX"},
		{"no mailbox", []string{"maria"}, nil, "USER=MAILBOX"},
		{"an empty mailbox", []string{"maria=" + maria + ","}, nil, "not a mailbox"},
		{"the wrong way round", []string{maria + "=maria"}, nil, "USER=MAILBOX"},
		{"no domain", []string{"maria=maria"}, nil, "not a mailbox"},
		{"a star too many", []string{"maria=m*@example.org"}, nil, "whole local part"},
		{"a star for all the world", []string{"maria=*@*"}, nil, "no domain"},
	} {
		got, err := ParseOwners(c.settings, "+")
		if !reflect.DeepEqual(got, c.want) || (err == nil) != (c.say == "") || err != nil && !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: got %v, %v", c.name, got, err)
		}
	}
}

func TestAnAdminIsRootOrOfTheGroup(t *testing.T) {
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Skip("this machine has no user nobody: ", err)
	}
	of, err := nobody.GroupIds()
	if err != nil || len(of) == 0 {
		t.Skip("the groups of nobody are not known: ", err)
	}
	for _, c := range []struct {
		name  string
		uid   uint32
		u     *user.User
		group string
		want  bool
	}{
		{"root, without a group", 0, nil, "", true},
		{"another, without a group", 65534, nobody, "", false},
		{"a member", 65534, nobody, of[0], true},
		{"one who is no member", 65534, nobody, "4242424", false},
		{"a uid without a name", 4242, nil, of[0], false},
	} {
		if got := (Rights{AdminGroup: c.group}).isAdmin(c.uid, c.u); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if gid, err := Group(""); gid != "" || err != nil {
		t.Errorf("no group: %q, %v", gid, err)
	}
	if gid, err := Group(of[0]); gid != of[0] || err != nil {
		t.Errorf("a group by its number: %q, %v", gid, err)
	}
	if _, err := Group("no-such-group-here"); err == nil || !strings.Contains(err.Error(), "no-such-group-here") {
		t.Errorf("a group that is not there: %v", err)
	}
}
