package console

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// LetterRequest says which dead letters are meant; each field that is set must fit.
type LetterRequest struct {
	IDs       []string  `json:"ids,omitempty"`    // of letters, or of what died
	Reason    string    `json:"reason,omitempty"` // a part of it
	Stage     string    `json:"stage,omitempty"`
	Origin    string    `json:"origin,omitempty"`
	Namespace string    `json:"namespace,omitempty"`
	Since     time.Time `json:"since,omitzero"` // when it was received, or replayed last
	Until     time.Time `json:"until,omitzero"` // before it
	Settled   bool      `json:"settled,omitempty"`
	DryRun    bool      `json:"dry_run,omitempty"`
}

// Letters are the dead letters of the index. Each calls progress now and then; what it returns
// becomes JSON.
type Letters interface {
	List(ctx context.Context, req LetterRequest, progress func(done, total int64)) (any, error)
	Show(ctx context.Context, id string) ([]json.RawMessage, error)
}

func (s *Server) letterRoutes() []route {
	return []route{
		{"POST", "/api/v1/dlq/list", RoleViewer, s.letters(s.opt.Letters.List)},
		{"POST", "/api/v1/dlq/show", RoleViewer, s.letters(s.showLetters)},
	}
}

// showLetters gives the documents of one id.
func (s *Server) showLetters(ctx context.Context, req LetterRequest, _ func(done, total int64)) (any, error) {
	if len(req.IDs) != 1 {
		return nil, bad("ids", "", "ids is a list of one id")
	}
	return s.opt.Letters.Show(ctx, req.IDs[0])
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
		if err := s.checkNamespace(req.Namespace); err != nil {
			s.fail(w, r, err)
			return
		}
		say := lines(w)
		told := s.opt.Now()
		answer, err := do(r.Context(), req, func(done, total int64) {
			if now := s.opt.Now(); now.Sub(told) >= time.Second {
				told = now
				say(map[string]any{"progress": map[string]int64{"done": done, "total": total}})
			}
		})
		if err != nil {
			say(map[string]string{"error": err.Error()})
			return
		}
		say(map[string]any{"done": answer})
	}
}
