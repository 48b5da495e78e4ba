package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"sluice/internal/app"
)

// ending is what the last line of a streamed answer says; lines on the way have none of it.
type ending struct {
	Done  json.RawMessage `json:"done"`
	Error string          `json:"error"`
	Fault bool            `json:"fault"` // the error is in what was sent
}

func (e *ending) get() *ending { return e }

// apiLines posts body to the running sluice, which answers in JSON lines: each gets those on the way,
// and into what the last one says is done.
func apiLines[L any, P interface {
	*L
	get() *ending
}](ctx context.Context, config, path string, body, into any, each func(line P) error) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	res, err := post(ctx, config, path, text)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	for dec := json.NewDecoder(res.Body); ; {
		line := P(new(L))
		if err := dec.Decode(line); err != nil {
			return fmt.Errorf("the answer of the running sluice ended early: %w", err)
		}
		switch end := line.get(); {
		case end.Fault:
			return &app.ConfigError{Err: errors.New(end.Error)}
		case end.Error != "":
			return errors.New(end.Error)
		case end.Done != nil:
			return json.Unmarshal(end.Done, into)
		}
		if err := each(line); err != nil {
			return err
		}
	}
}

// progressLine tells how far the answer has come.
type progressLine struct {
	ending
	Progress *struct{ Done, Total int64 } `json:"progress"`
}

// apiStream is apiLines for answers that tell only of progress on the way.
func apiStream(ctx context.Context, config, path string, body, into any, progress func(done, total int64)) error {
	return apiLines(ctx, config, path, body, into, func(line *progressLine) error {
		if line.Progress != nil {
			progress(line.Progress.Done, line.Progress.Total)
		}
		return nil
	})
}
