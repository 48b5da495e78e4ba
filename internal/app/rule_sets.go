package app

import (
	"fmt"

	"sluice/alert"
	"sluice/config"
	"sluice/pipeline"
	"sluice/rules"
)

// channelsOf are the channels of a configuration, to say who is told.
func channelsOf(path string) ([]Named[alert.Settings], error) {
	s, err := readSettings(path, config.System)
	if err != nil {
		return nil, &ConfigError{err}
	}
	return s.Channels, nil
}

// Why explains what a rule makes of an event, and which channels of a configuration would be told.
type Why struct {
	Set      *pipeline.Set
	Channels []Named[alert.Settings]
}

// LoadWhy is LoadSet for a Why. A rule that is not asked about may be
// faulty.
func LoadWhy(path, rule string, rulePaths ...string) (*Why, error) {
	channels, err := channelsOf(path)
	if err != nil {
		return nil, err
	}
	set, err := LoadSet(path, rulePaths...)
	if set == nil {
		return nil, err
	}
	if _, missing := findRule(set, rule); missing != nil && err != nil {
		return nil, err
	}
	return &Why{set, channels}, nil
}

// withRules builds the settings with the texts of these rules in place of their own; nil:
// with their own.
func (s *Settings) withRules(files []rules.File) (*pipeline.Set, error) {
	c := *s
	if files != nil {
		c.Rules = RuleSettings{}
	}
	src, err := c.sources()
	if err != nil {
		return nil, err
	}
	src.Rules = append(src.Rules, files...)
	return pipeline.Build(src)
}

// RuleFiles reads the rule files at paths that somebody named. One without any is a fault:
// a wrong path would otherwise pass for rules that are all right.
func RuleFiles(paths []string) (out []rules.File, err error) {
	for _, p := range paths {
		files, err := readRules(p)
		if err == nil && len(files) == 0 {
			err = fmt.Errorf("%s: no rules are here: no file in it ends in .yml or .yaml", p)
		}
		if err != nil {
			return nil, &ConfigError{err}
		}
		out = append(out, files...)
	}
	return out, nil
}

// readRules reads the rule files at one path; a folder may have none.
func readRules(path string) (out []rules.File, err error) {
	files, err := yamlFiles(path)
	for _, f := range files {
		out = append(out, rules.File{Name: f.name, Text: f.text})
	}
	return out, err
}
