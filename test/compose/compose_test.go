// Package compose checks docker-compose.yml as Compose itself would read it.
package compose

import (
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

func load(t *testing.T, env types.Mapping) (*types.Project, error) {
	t.Helper()
	return loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  "../..",
		ConfigFiles: []types.ConfigFile{{Filename: "../../docker-compose.yml"}},
		Environment: env.Clone(),
	})
}

var passwords = types.Mapping{"ELASTIC_PASSWORD": "a", "KIBANA_PASSWORD": "b", "SLUICE_PASSWORD": "c"}

// TestServices: each service is watched or ends, is pinned, and listens on loopback only.
func TestServices(t *testing.T) {
	p, err := load(t, passwords)
	if err != nil {
		t.Fatal(err)
	}
	once := map[string]bool{}
	for _, s := range p.Services {
		for name, d := range s.DependsOn {
			once[name] = once[name] || d.Condition == types.ServiceConditionCompletedSuccessfully
		}
	}
	for name, s := range p.Services {
		watched := s.HealthCheck != nil && !s.HealthCheck.Disable && len(s.HealthCheck.Test) > 0
		if watched == once[name] {
			t.Errorf("%s: health check %v, runs once %v; it needs one of them", name, watched, once[name])
		}
		if _, tag, _ := strings.Cut(s.Image, ":"); tag == "" || tag == "latest" {
			t.Errorf("%s: image %q is not pinned", name, s.Image)
		}
		if s.Privileged || s.User == "root" || s.User == "0" {
			t.Errorf("%s runs as root", name)
		}
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is open on %q", name, port.Published, port.HostIP)
			}
		}
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeBind {
				t.Errorf("%s mounts %s of the host", name, v.Source)
			}
		}
	}
}

// TestNoDefaultPasswords: without any one of the passwords nothing starts.
func TestNoDefaultPasswords(t *testing.T) {
	for _, missing := range []string{"ELASTIC_PASSWORD", "KIBANA_PASSWORD", "SLUICE_PASSWORD"} {
		env := types.Mapping{}
		for k, v := range passwords {
			if k != missing {
				env[k] = v
			}
		}
		if _, err := load(t, env); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}
