// Package compose checks docker-compose.yml as Compose itself would read it, and the
// Dockerfile beside it. On real engines it runs every service of ours as a local process
// with the file's own command, environment and configuration.
package compose

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

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

// TestLongRuns: what is told to stop may drain, and no log grows without a bound.
func TestLongRuns(t *testing.T) {
	p, err := load(t, passwords)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range p.Services {
		if s.Restart == "no" || s.Restart == "" {
			continue // it ends by itself
		}
		if s.Logging == nil || s.Logging.Options["max-size"] == "" || s.Logging.Options["max-file"] == "" {
			t.Errorf("%s: its log has no bound", name)
		}
		if len(s.Command) > 0 && s.Command[0] == "run" && (s.StopGracePeriod == nil || time.Duration(*s.StopGracePeriod) <= 10*time.Second) {
			t.Errorf("%s: it drains for up to 10 s and is killed after %v", name, s.StopGracePeriod)
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

// TestData: what must survive a container lies on a named volume; the data directories
// of the other roles are in memory and writable to the image's user.
func TestData(t *testing.T) {
	p, err := load(t, passwords)
	if err != nil {
		t.Fatal(err)
	}
	f := func(service, path string) {
		t.Helper()
		for _, v := range p.Services[service].Volumes {
			if v.Type == types.VolumeTypeVolume && v.Source != "" && v.Target == path {
				if _, ok := p.Volumes[v.Source]; ok {
					return
				}
			}
		}
		t.Errorf("%s has no named volume on %s", service, path)
	}
	f("kafka", "/var/lib/kafka/data")
	f("elasticsearch", "/usr/share/elasticsearch/data")
	f("collect", "/var/lib/sluice") // the journal that answered senders
	f("serve", "/var/lib/sluice")   // the token that people have

	for _, role := range []string{"process", "correlate", "index", "notify"} {
		s := p.Services[role]
		if !s.ReadOnly || len(s.Volumes) > 0 || len(s.Tmpfs) != 1 {
			t.Errorf("%s: read_only %v, volumes %v, tmpfs %v; want one tmpfs and nothing else that is writable", role, s.ReadOnly, s.Volumes, s.Tmpfs)
			continue
		}
		path, options, _ := strings.Cut(s.Tmpfs[0], ":")
		if o := strings.Split(options, ","); path != "/var/lib/sluice" || !slices.Contains(o, "uid="+nonroot) || !slices.Contains(o, "gid="+nonroot) {
			t.Errorf("%s: tmpfs %q is not %s's", role, s.Tmpfs[0], nonroot)
		}
	}
}

// nonroot is the user of that name in distroless images.
const nonroot = "65532"

// TestDockerfile: the image is distroless and nobody is root in it; the data directory is
// the user's, and so is a named volume that is mounted on it.
func TestDockerfile(t *testing.T) {
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, last, ok := strings.Cut(string(text), "FROM gcr.io/distroless/static-debian12:nonroot\n")
	if !ok || strings.Contains(last, "FROM ") {
		t.Fatal("the last stage is not distroless")
	}
	users := 0
	for line := range strings.Lines(last) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case word == "USER":
			if users++; rest != "nonroot" {
				t.Errorf("USER %s", rest)
			}
		case word == "COPY" && strings.HasSuffix(rest, " /var/lib/sluice") && !strings.Contains(rest, "--chown=nonroot:nonroot"):
			t.Errorf("the data directory is root's: %s", line)
		case word == "RUN" || word == "ADD":
			t.Errorf("the last stage has no shell, and fetches nothing: %s", line)
		}
	}
	if users != 1 {
		t.Errorf("USER is named %d times in the last stage", users)
	}
}
