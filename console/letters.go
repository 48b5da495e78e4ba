package console

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// LetterRequest says which dead letters are meant; each field that is set must fit.
type LetterRequest struct {
	IDs       []string  `json:"ids,omitempty"`    // of letters, or of what died
	Reason    string    `json:"reason,omitempty"` // a part of it
	Stage     string    `json:"stage,omitempty"`
	Origin    string    `json:"origin,omitempty"`
	Namespace string    `json:"namespace,omitempty"`
	Since     time.Time `json:"since,omitzero"`    // when it was received, or replayed last
	Until     time.Time `json:"until,omitzero"`    // before it
	Settled   bool      `json:"settled,omitempty"` // of a list: those that were replayed or dropped
	All       bool      `json:"all,omitempty"`     // of what changes them: nothing else is said, and that is meant
	DryRun    bool      `json:"dry_run,omitempty"`
}

// Some says whether anything chooses among the letters.
func (r *LetterRequest) Some() bool {
	return len(r.IDs) > 0 || r.Reason != "" || r.Stage != "" || r.Origin != "" || r.Namespace != "" || !r.Since.IsZero() || !r.Until.IsZero()
}

// Letters are the dead letters of the index. Each calls progress now and then; what it returns
// becomes JSON.
type Letters interface {
	List(ctx context.Context, req LetterRequest, progress func(done, total int64)) (any, error)
	Show(ctx context.Context, id string) ([]json.RawMessage, error)
	Replay(ctx context.Context, req LetterRequest, progress func(done, total int64)) (any, error)
	Drop(ctx context.Context, req LetterRequest, progress func(done, total int64)) (any, error)
}

func (s *Server) letterRoutes() []route {
	return []route{
		{"POST", "/api/v1/dlq/list", RoleViewer, s.bare(s.letters(s.opt.Letters.List))},
		{"POST", "/api/v1/dlq/show", RoleViewer, s.bare(s.letters(s.showLetters))},
		{"POST", "/api/v1/dlq/replay", RoleAdmin, s.bare(s.oneAtATime(s.letters(s.opt.Letters.Replay)))},
		{"POST", "/api/v1/dlq/drop", RoleAdmin, s.bare(s.oneAtATime(s.letters(s.opt.Letters.Drop)))},
	}
}

// oneAtATime keeps two from putting back the same letter.
func (s *Server) oneAtATime(settle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.settling.TryLock() {
			s.fail(w, r, &apiError{Status: http.StatusConflict, Message: "dead letters are replayed or dropped already", Hint: "wait for its end"})
			return
		}
		defer s.settling.Unlock()
		settle(w, r)
	}
}

// showLetters gives the documents of one id.
func (s *Server) showLetters(ctx context.Context, req LetterRequest, _ func(done, total int64)) (any, error) {
	if len(req.IDs) != 1 {
		return nil, bad("ids", "", "ids is a list of one id")
	}
	return s.opt.Letters.Show(ctx, req.IDs[0])
}

// LetterStages are where a message may die.
var LetterStages = []string{"process", "correlate", "index", "notify", "relay"}

// checkStage refuses one that no letter has: what chooses none would look like a clean house.
func checkStage(name string) error {
	if name == "" || slices.Contains(LetterStages, name) {
		return nil
	}
	return bad("stage", "one of "+strings.Join(LetterStages, ", "), "unknown stage")
}

// letters answers a question about dead letters, one JSON object a line: progress once a second,
// and at last {"done": what was asked for} or {"error": text}.
func (s *Server) letters(do func(context.Context, LetterRequest, func(done, total int64)) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var req LetterRequest
		if err := readBody(r, &req); err != nil {
			s.fail(w, r, err)
			return
		}
		if err := cmp.Or(CheckNamespace(req.Namespace), checkStage(req.Stage), checkOrder("since", "until", req.Since, req.Until)); err != nil {
			s.fail(w, r, err)
			return
		}
		say := lines(w)
		answer, err := do(r.Context(), req, s.progress(say))
		if err != nil {
			say(map[string]string{"error": err.Error()})
			return
		}
		say(map[string]any{"done": answer})
	}
}
