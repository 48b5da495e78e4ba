package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"sluice/config"
	"sluice/schemas"
	"sluice/sinks/elasticsearch"
)

// setupTime bounds one set-up: each request of it is small.
const setupTime = 2 * time.Minute

// Setup puts templates into the configured Elasticsearch and, where a URL is given, the
// data views into Kibana. It says what it did and what the cluster could not take.
func Setup(ctx context.Context, path, kibana string) (report []string, err error) {
	s, err := readSettings(path, config.System)
	if err != nil {
		return nil, &ConfigError{err}
	}
	if len(s.Elasticsearch.Addresses) == 0 && kibana != "" {
		return nil, errors.New("--kibana: Kibana reads Elasticsearch, and no elasticsearch.addresses are configured; name the configuration with -c")
	}
	if len(s.Elasticsearch.Addresses) == 0 {
		return []string{"no elasticsearch.addresses are configured: the store of this program needs no set-up"}, nil
	}
	if err := checkKibana(kibana, *s.Elasticsearch); err != nil {
		return nil, err
	}
	c, err := elasticsearch.Open(*s.Elasticsearch, elasticsearch.Options{})
	if err != nil {
		return nil, err
	}
	if report, err = setUp(ctx, c, s); err != nil || kibana == "" {
		return report, err
	}
	if err := importKibana(ctx, kibana, s.Elasticsearch); err != nil {
		return report, err
	}
	return append(report, "imported two data views and a saved search into Kibana"), nil
}

// checkKibana holds Kibana's address to what holds for Elasticsearch's: the same credentials go there.
func checkKibana(address string, s elasticsearch.Settings) error {
	if s.Addresses = []string{address}; address == "" {
		return nil
	}
	if err := s.Validate(); err != nil {
		return fmt.Errorf("--kibana: %s", strings.TrimPrefix(err.Error(), "addresses: "))
	}
	return nil
}

func setUp(ctx context.Context, c *elasticsearch.Client, s *Settings) (report []string, err error) {
	ctx, stop := context.WithTimeout(ctx, setupTime)
	defer stop()
	r, err := c.Setup(ctx, elasticsearch.SetupOptions{
		Fields: fieldMappings(), Namespaces: s.namespaces(), Retention: s.Retention.Age,
	})
	for _, l := range r.LeftOut {
		report = append(report, "left out: "+l)
	}
	return append(r.Done, report...), err
}

func fieldMappings() (out []elasticsearch.FieldMapping) {
	for _, f := range schemas.Fields() {
		if !f.Dev {
			out = append(out, elasticsearch.FieldMapping{Name: f.Name, Type: f.Type})
		}
	}
	return out
}

// importKibana uses Kibana's saved objects API with the credentials for Elasticsearch,
// which Kibana passes on.
func importKibana(ctx context.Context, url string, s *elasticsearch.Settings) error {
	ctx, stop := context.WithTimeout(ctx, setupTime)
	defer stop()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "sluice.ndjson")
	if err != nil {
		return err
	}
	if _, err := part.Write(schemas.Kibana); err != nil {
		return err
	}
	if err := form.Close(); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(url, "/")+"/api/saved_objects/_import?overwrite=true", &body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("kbn-xsrf", "sluice")
	switch {
	case !s.APIKey.Empty():
		req.Header.Set("Authorization", "ApiKey "+s.APIKey.Reveal())
	case s.Username != "":
		req.SetBasicAuth(s.Username, s.Password.Reveal())
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("import into Kibana: %w", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if res.StatusCode != http.StatusOK || bytes.Contains(text, []byte(`"success":false`)) {
		return errors.Join(fmt.Errorf("import into Kibana: %s: %.500s", res.Status, text), err)
	}
	return nil
}
