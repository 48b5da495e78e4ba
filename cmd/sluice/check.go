package main

import (
	"fmt"
	"strings"

	"sluice/internal/app"
	"sluice/internal/strictyaml"
	"sluice/internal/version"
	"sluice/schemas"
)

type checkCmd struct{ configFlag }

// Run exits with 78 and every fault as file:line:column, or says what was checked.
func (c *checkCmd) Run(e *env) error {
	got, err := app.Check(c.Config)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "ok: %s, %s, %s, %s\n",
		count(got.Inputs, "input"), count(got.Channels, "channel"), count(got.Packs, "pack"), count(got.Rules, "rule"))
	for _, w := range got.Warnings {
		e.log.Warn(w)
	}
	if got.Cannot > 0 {
		fmt.Fprintf(e.stdout, "%s of other collections cannot run here: see sluice rules coverage\n", count(got.Cannot, "rule"))
	}
	return nil
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

type configCmd struct {
	Schema  configSchemaCmd  `cmd:"" help:"JSON Schema of the configuration file, of packs, of rules or of a topic's messages, for editors and readers."`
	Example configExampleCmd `cmd:"" help:"The configuration that runs where none is given."`
}

type configSchemaCmd struct {
	Of string `arg:"" optional:"" default:"config" help:"config, pack, rule, or a topic such as sluice.events."`
}

// Run prints the schema.
func (c *configSchemaCmd) Run(e *env) error {
	text := schemas.JSONSchema(c.Of)
	switch {
	case c.Of == "config":
		var err error
		if text, err = app.ConfigSchema(); err != nil {
			return err
		}
		text = append(text, '\n')
	case text == nil:
		names := append([]string{"config"}, schemas.JSONSchemas()...)
		return fmt.Errorf("there is no schema of %.40q%s (one of %s)", c.Of, strictyaml.DidYouMean(c.Of, names), strings.Join(names, ", "))
	}
	_, err := e.stdout.Write(text)
	return err
}

type configExampleCmd struct{}

// Run prints the configuration of `sluice run` without -c.
func (configExampleCmd) Run(e *env) error {
	_, err := fmt.Fprint(e.stdout, app.NoFile)
	return err
}

type versionCmd struct{}

// Run prints one line.
func (versionCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.stdout, version.String())
	return err
}

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints a script that asks this command line for its words.
func (c *completionCmd) Run(e *env) error {
	return writeCompletion(e.stdout, c.Shell, e.model.Model)
}

type verifyCmd struct{ configFlag }

// Run exits with 1 where anything is damaged.
func (c *verifyCmd) Run(e *env) error {
	found := 0
	err := app.Verify(e.ctx, c.Config, func(what string) {
		found++
		fmt.Fprintln(e.stdout, what)
	})
	switch {
	case err != nil:
		return err
	case found > 0:
		fmt.Fprintf(e.stderr, "sluice: %s damaged or missing, as listed; all that is not listed was read and is whole\n", count(found, "place"))
		return errSilent
	}
	_, err = fmt.Fprintln(e.stdout, "ok: every record of bus and store has its checksum")
	return err
}
