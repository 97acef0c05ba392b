package mail

// Check is check for the tests outside this package.
var Check = check
