package normalize

import "strings"

// deed is what a word in the name of an action says.
type deed uint32

const (
	isLogin deed = 1 << iota
	isLogout
	isFailed
	isFine
	isAllowed
	isDenied
	isCreation
	isDeletion
	isChange
	isAccess
	isAccount // the words for what it is done to
	isFile
	isProcess
	isRegistry
	isMalware
	isSetting
	isQuery
	isBefore // in, on, out: what they say depends on the word before
	isDid    // logged in: it came to an end, and to a good one where nothing else is said
)

// deeds are words in the names of actions, which are cut at spaces, marks and capitals.
var deeds = words(map[deed]string{
	isLogin:                "login logon logins logons signin signon authentication authenticated authenticate authenticating auth sso authn anmeldung angemeldet anmelden einloggen inloggen aanmelding",
	isLogout:               "logout logoff logouts signout signoff deauth deauthenticated deauthentication abmeldung abgemeldet afmelding",
	isFailed:               "fail failed failure failures fails error errors unsuccessful invalid incorrect wrong bad refused unauthorized illegal failing rejected",
	isFine:                 "success successful successfully succeeded ok succeed granted approved completed",
	isAllowed:              "allow allowed accept accepted permit permitted pass passed permits allows",
	isDenied:               "deny denied drop dropped block blocked reject rejected denies blocks prevented discard discarded discards blocking dropping denying prohibited sinkhole sinkholed",
	isCreation:             "create created creates creating creation add added adds adding insert inserted register registered registration invite invited import imported copy copied install installed new provisioned generate generated mkdir enroll enrolled enrol",
	isDeletion:             "delete deleted deletes deleting deletion remove removed removes removing removal destroy destroyed purge purged revoke revoked uninstall uninstalled unregister deregister deregistered unlink unlinked rmdir erase erased trash trashed unenroll unenrolled deprovision deprovisioned",
	isChange:               "lockout update updated updates updating modify modified modification modifies modifying changing enabling disabling resetting renaming change changed changes set edit edited reconfigure reconfigured regenerate regenerated rename renamed reset enable enabled disable disabled assign assigned unassign unassigned attach attached detach detached move moved lock locked unlock unlocked suspend suspended activate activated deactivate deactivated restore restored replace replaced shared unshared put patch write written",
	isAccess:               "view viewed read reads get list listed open opened access accessed search searched download downloaded export exported show describe fetch preview previewed retrieve retrieved",
	isAccount:              "user users account accounts password passwords role roles group groups member members membership permission permissions mfa 2fa otp credential credentials token apikey passkey passkeys authenticator 2sv owner privilege privileges admin administrator employee employees person people collaborator collaborators teammate teammates",
	isFile:                 "file files document documents folder folders directory attachment",
	isFile | isCreation:    "upload uploaded uploads",
	isProcess:              "process processes registry proc",
	isProcess | isCreation: "exec execve spawn spawned childproc",
	isMalware:              "malware virus ransomware trojan infected infection spyware",
	isSetting:              "policy policies setting settings config configuration rule rules profile",
	isQuery:                "query queries sql database table",
	isBefore:               "in on out off",
})

// The same in other languages. Errata are also what an English vendor mends.
func init() {
	for word, english := range tongues {
		if is := deeds[english]; is != 0 && deeds[word] == 0 && !strings.HasPrefix(word, "errat") {
			deeds[word] = is
		}
	}
	deeds["déconnexion"], deeds["réussie"], deeds["réussi"] = isLogout, isFine, isFine
}

// deedParts are parts of words that say a deed where several are written as one.
var deedParts = []struct {
	part string
	is   deed
}{
	{"loggedin", isLogin | isDid},
	{"loggedout", isLogout},
	{"login", isLogin},
	{"logon", isLogin},
	{"signin", isLogin},
	{"authent", isLogin},
	{"autent", isLogin}, // autenticación
	{"logout", isLogout},
	{"logoff", isLogout},
	{"signout", isLogout},
	{"process", isProcess},
	{"failed", isFailed},
	{"failure", isFailed},
	{"malware", isMalware},
	{"creat", isCreation},
	{"delet", isDeletion},
	{"remov", isDeletion},
	{"updat", isChange},
	{"modif", isChange},
	{"enabl", isChange},
	{"disabl", isChange},
	{"download", isAccess},
	{"upload", isFile},
}

// deedLetters are the letters of each part: most words lack one.
var deedLetters = func() (of []uint32) {
	for _, p := range deedParts {
		of = append(of, lettersOf(p.part))
	}
	return of
}()

// lettersOf has a bit for each letter of a word in lower case.
func lettersOf(word string) (set uint32) {
	for i := range len(word) {
		if c := word[i] - 'a'; c < 26 {
			set |= 1 << c
		}
	}
	return set
}

func words(by map[deed]string) map[string]deed {
	all := map[string]deed{}
	for d, list := range by {
		for _, w := range strings.Fields(list) {
			all[w] |= d
		}
	}
	return all
}

// maxDeed is the longest text in which deeds are looked for.
const maxDeed = 160

// latin begins the accented letters of Western Europe in UTF-8; the byte behind it tells which.
const latin = 0xc3

// deedWord cuts the first word off a text, in lower case: at marks, spaces and where a capital begins one.
func deedWord(word []byte, text string) (lower []byte, rest string) {
	n := 0
	for ; n < len(text); n++ {
		c := text[n]
		if c == latin && n+1 < len(text) && text[n+1] >= 0x80 {
			word = append(word, latin, text[n+1]|0x20)
			n++
			continue
		}
		upper := c-'A' < 26
		if !upper && c-'a' >= 26 && c-'0' >= 10 {
			break
		}
		if upper && len(word) > 0 && (!capitalAt(text[:n]) || n+1 < len(text) && text[n+1]-'a' < 26) {
			n-- // a word begins
			break
		}
		if upper {
			c |= 0x20
		}
		word = append(word, c)
	}
	return word, text[min(n+1, len(text)):]
}

// capitalAt says whether a text ends with a capital letter.
func capitalAt(text string) bool {
	c := text[len(text)-1]
	return c-'A' < 26 || c-0x80 < 0x1f && len(text) > 1 && text[len(text)-2] == latin
}

// deedOf says what an action's name tells: user.login_failed, UserLoggedIn, Policy updated.
func deedOf(text string) (said deed) {
	if len(text) > maxDeed {
		return 0
	}
	if eastern(text) {
		said, _ = eastSays(text)
	}
	var buf [maxDeed]byte // all words in lower case, one behind the other
	word, before := buf[:0], buf[:0]
	for text != "" {
		word, text = deedWord(word[len(word):], text)
		if len(word) == 0 {
			continue
		}
		is := deeds[string(word)]
		switch {
		case string(word) == "processed", string(word) == "processing": // of what, it does not say
		case string(before) == "known" && string(word) == "bad", string(word) == "removable":
			is = 0 // a known-bad address is no failure, a removable disk is not removed
		case keyOf[string(before)] && (string(word) == "key" || string(word) == "keys"):
			is = isAccount // ApiKey.Created
		case is&isBefore != 0:
			is = spelled(string(before), string(word))
		case is == 0 && len(word) > 6:
			has := lettersOf(string(word))
			for i, p := range deedParts {
				if deedLetters[i]&^has == 0 && strings.Contains(string(word), p.part) && !strings.HasSuffix(string(word), "signing") {
					is |= p.is
				}
			}
			if strings.HasSuffix(string(word), "file") && !strings.HasSuffix(string(word), "profile") {
				is |= isFile // downloadfile
			}
		}
		not := string(before) == "not"
		if not && (string(word) == "been" || string(word) == "be" || string(word) == "yet") {
			continue
		}
		if not {
			is = notSo(is)
		}
		said |= is
		before = word
	}
	return said
}

// deedIn is deedOf for prose, in which a host's name is named and tells nothing: DNS query for
// bad.example.com.
func deedIn(text string) (said deed) {
	for at := 0; ; {
		dot := strings.IndexByte(text[at:], '.')
		if dot < 0 {
			return said | deedOf(text)
		}
		at += dot + 1
		second := strings.IndexByte(text[at:], '.')
		if second < 1 || strings.IndexByte(text[at:at+second], ' ') >= 0 {
			continue // a sentence ends, or an action has two parts
		}
		begin := strings.LastIndexByte(text[:at], ' ') + 1
		said |= deedOf(text[:begin])
		end := strings.IndexByte(text[at:], ' ')
		if end < 0 {
			return said
		}
		text, at = text[at+end:], 0
	}
}

// spelled says what two words mean that are also written as one: logged in, sign_out.
func spelled(first, second string) deed {
	switch first {
	case "log", "logged", "logs", "sign", "signed":
	default:
		return 0
	}
	if second == "in" || second == "on" {
		if strings.HasSuffix(first, "ed") {
			return isLogin | isDid
		}
		return isLogin
	}
	return isLogout
}
