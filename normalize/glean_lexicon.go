package normalize

import "strings"

// sense is what the vocabularies of glean say of a word. They are gathered in the lexicon,
// so that a word is looked up once, as it is cut out of its text, and not once in each.
type sense struct {
	hint      hint
	ports     switchWord
	deed      deed
	is        wordKind
	role      byte   // roles
	port      byte   // portWords
	level     string // levels
	direction string // directions
	attack    string // attacks
	session   string // sessions
	tunnel    string // tunnelStates
	lease     string // leaseWords
	topic     *topic // topics
	english   string // tongues
}

// wordKind are the vocabularies that only say whether a word is of them.
type wordKind uint32

const (
	wordPerson wordKind = 1 << iota // people
	wordNoName
	wordFiller
	wordThing // changedThings
	wordFound
	wordThreat
	wordIntrusion
	wordSpoken
	wordQuestion // one of questionTypes, if it is in capitals
	wordRequest  // one of methods, if it is in capitals
	wordGood
	wordTransport
	wordTunnel
	wordRemedy
)

// noSense is the sense of most words.
var noSense = &sense{}

// lexicon has the words of all vocabularies in lower case.
var lexicon = gather()

func gather() map[string]*sense {
	all := map[string]*sense{}
	of := func(word string) *sense {
		if all[word] == nil {
			all[word] = &sense{}
		}
		return all[word]
	}
	for kind, words := range map[wordKind]map[string]bool{
		wordPerson: people, wordNoName: noNames, wordFiller: fillers, wordThing: changedThings, wordFound: foundWords,
		wordThreat: threats, wordIntrusion: intrusions, wordSpoken: spokenProtocols, wordQuestion: questionTypes, wordRequest: methods, wordGood: goods,
		wordTransport: transports, wordTunnel: tunnelWords, wordRemedy: remedies,
	} {
		for w := range words {
			of(strings.ToLower(w)).is |= kind
		}
	}
	collect(hints, of, func(s *sense, v hint) { s.hint = v })
	collect(switchWords, of, func(s *sense, v switchWord) { s.ports = v })
	collect(deeds, of, func(s *sense, v deed) { s.deed = v })
	collect(roles, of, func(s *sense, v byte) { s.role = v })
	collect(portWords, of, func(s *sense, v byte) { s.port = v })
	collect(levels, of, func(s *sense, v string) { s.level = v })
	collect(directions, of, func(s *sense, v string) { s.direction = v })
	collect(attacks, of, func(s *sense, v string) { s.attack = v })
	collect(sessions, of, func(s *sense, v string) { s.session = v })
	collect(tunnelStates, of, func(s *sense, v string) { s.tunnel = v })
	collect(leaseWords, of, func(s *sense, v string) { s.lease = v })
	collect(topics, of, func(s *sense, v *topic) { s.topic = v })
	collect(tongues, of, func(s *sense, v string) { s.english = v })
	return all
}

// collect enters a vocabulary into the lexicon.
func collect[V any](words map[string]V, of func(string) *sense, set func(*sense, V)) {
	for w, v := range words {
		set(of(w), v)
	}
}

// senseOf looks a word in lower case up; it never gives nil.
func senseOf(lower string) *sense {
	if s := lexicon[lower]; s != nil {
		return s
	}
	return noSense
}
