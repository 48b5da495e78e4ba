package store

import "time"

// Query is a condition on documents, with Elasticsearch's meaning: a list matches if one
// of its values does, and a missing field matches nothing.
type Query interface{ query() }

// The kinds of queries.
type (
	// All matches every document.
	All struct{}
	// None matches no document.
	None struct{}
	// Bool combines: every Must and Filter, no MustNot, and at least MinShould of Should.
	Bool struct {
		Must, Should, MustNot []Query
		MinShould             int
		Typed                 bool // by a person: what has no word to look for is no condition
	}
	// Lenient matches nothing where its query asks a field for what it cannot have.
	Lenient struct{ Query Query }
	// Terms matches documents that have one of Values, compared in the field's type:
	// an address also by CIDR. On text fields the values are words.
	Terms struct {
		Field  string
		Values []string
		Fold   bool           // without regard to case
		Zone   *time.Location // of dates without one; nil is UTC
	}
	// Range matches values between the bounds, in the field's order, of text its words; "" is no bound
	// but where Empty says that it is one.
	Range struct {
		Field            string
		From, To         string
		OpenFrom, OpenTo bool           // without the bound itself
		Empty            [2]bool        // From, To is the empty text
		Format           string         // of dates: epoch_millis, epoch_second, or ""
		Zone             *time.Location // of dates without one; nil is UTC
	}
	// Exists matches documents with any value in Field or below it.
	Exists struct{ Field string }
	// AnyField asks every field whose name fits a pattern of * and ?. A field that can't have
	// such a value is passed over.
	AnyField struct {
		Pattern string
		Query   func(field string) Query
	}
	// Prefix matches values that begin with Value.
	Prefix struct {
		Field, Value string
		Fold         bool
	}
	// Wildcard matches values against a pattern of * and ?; \ takes the next rune as it is.
	// Typed is how people write it: on text its case does not count, and signs part it into
	// words that follow each other, since the words of text are so.
	Wildcard struct {
		Field, Pattern string
		Fold, Typed    bool
	}
	// Regexp matches whole values, of text its words in lower case, against an RE2 expression.
	Regexp struct {
		Field, Pattern string
		Fold           bool
	}
	// Match looks for the words of Text: all of them with And, else as many of n as Least
	// says. On fields that are not text it is Terms.
	Match struct {
		Field, Text string
		And         bool
		Least       func(n int) int // nil: one
		NoWords     Query           // where Text has none; nil is None
	}
	// Phrase looks for the words of Text one behind another.
	Phrase struct {
		Field, Text string
		Prefix      bool           // the last word may go on
		Typed       bool           // by a person, as that of Bool
		Zone        *time.Location // of dates without one; nil is UTC
	}
	// IDs matches documents by _id.
	IDs struct{ Values []string }
)

func (All) query()      {}
func (None) query()     {}
func (Lenient) query()  {}
func (Bool) query()     {}
func (Terms) query()    {}
func (Range) query()    {}
func (Exists) query()   {}
func (AnyField) query() {}
func (Prefix) query()   {}
func (Wildcard) query() {}
func (Regexp) query()   {}
func (Match) query()    {}
func (Phrase) query()   {}
func (IDs) query()      {}

// Request is one search.
type Request struct {
	Indices     []string // names, aliases, patterns; none is all
	Query       Query    // nil is All
	From, Size  int
	Sort        []Sort // none: newest first
	After       []any  // sort values of the last hit of the page before
	Aggs        []Agg
	TrackTotal  int // count exactly up to here; -1 always, 0 not at all
	Timeout     time.Duration
	NoSource    bool
	Part        func(source []byte) ([]byte, error) // what is asked for of a document; nil: all
	AllowAbsent bool                                // a concrete index that is not there is empty and no error
}

// Sort is one key of an order.
type Sort struct {
	Field        string // or _score, _doc, _id, _index, _seq_no
	Desc         bool
	MissingFirst bool
}

// bySequence says that rows go by the order in which they were written.
func (s *Sort) bySequence() bool {
	return s.Field == "_doc" || s.Field == "_seq_no" || s.Field == "_shard_doc"
}

// Result is what a search found.
type Result struct {
	Total    int64
	AtLeast  bool // Total is a lower bound
	Hits     []Hit
	Aggs     []AggResult
	Took     time.Duration
	TimedOut bool
	Parts    int
	Failures []Problem // parts that could not be read: the rest is the answer
}

// Hit is one document found.
type Hit struct {
	Doc
	Sort []any // string, int64, float64, bool or nil
}

// Doc is one stored document.
type Doc struct {
	Index, ID string
	SeqNo     int64
	Version   int64
	Source    []byte // its own copy
}

// PrimaryTerm is of every document: there is no other primary that could have written.
const PrimaryTerm = 1

// Agg is one aggregation of a search.
type Agg struct {
	Name  string
	Kind  string // terms, date_histogram, histogram, cardinality, min, max, avg, sum, value_count, stats, filter, filters, missing
	Field string
	Size  int
	// Order of terms: _count, _key or what is below; the default is _count, descending.
	OrderKey   string
	OrderAsc   bool
	KeyDesc    bool // what is equal goes by its key, the greatest first
	MinCount   int64
	Missing    string
	HasMissing bool
	Include    []string      // only these terms
	Exclude    []string      // not these
	Interval   time.Duration // fixed
	Calendar   string        // second, minute, hour, day, week, month, quarter, year
	Zone       *time.Location
	Offset     time.Duration
	Step       float64   // of histogram
	Bounds     [2]string // of date_histogram: dates that have buckets in any case; "" is none
	Format     string    // of the keys of dates, for who writes them
	Filters    []NamedQuery
	Aggs       []Agg
}

// NamedQuery is one bucket of a filter aggregation.
type NamedQuery struct {
	Name  string
	Query Query
}

// AggResult is what one aggregation gave.
type AggResult struct {
	Agg     *Agg
	Value   float64 // of the metric kinds; cardinality and value_count too
	HasVal  bool    // false: there was no value (null in JSON)
	Count   int64   // values seen (stats)
	Min     float64
	Max     float64
	Sum     float64
	IsDate  bool
	Buckets []Bucket
	Other   int64 // documents in terms buckets that were cut off
}

// Bucket is one group of an aggregation.
type Bucket struct {
	Key    any // string, int64, float64, bool
	Name   string
	Count  int64
	IsDate bool
	Subs   []AggResult
}
