package app

import (
	"sluice/alert"
	"sluice/config"
	"sluice/pipeline"
)

// channelsOf are the channels of a configuration, to say who is told.
func channelsOf(path string) ([]Named[alert.Settings], error) {
	s, err := ReadSettings(path, config.System)
	if err != nil {
		return nil, &ConfigError{err}
	}
	return s.Channels, nil
}

// Why says what a rule makes of a record of the past, with the channels of a configuration.
type Why struct {
	Set      *pipeline.Set
	Channels []Named[alert.Settings]
}

// LoadWhy is LoadSet for WhyRecord and WhyStored. A rule that is not asked about may be
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
