package console

import (
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
)

// The page is built from web/src by Vite and committed, so that go build needs no
// Node. TestBuiltFilesAreFresh compares it with its sources.
//
//go:embed all:web/dist
var built embed.FS

// page serves one HTML file.
func (s *Server) page(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { s.file(w, r, name) }
}

// noPage tells a browser, in the look of the others, that there is no such page.
func (s *Server) noPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", mimeType("index.html"))
	w.WriteHeader(http.StatusNotFound)
	s.file(w, r, "index.html")
}

// asset serves a file of one folder. Vite puts a hash of the content into the name,
// so a browser may keep it.
func (s *Server) asset(folder string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
		s.file(w, r, path.Join(folder, path.Base(r.PathValue("file"))))
	}
}

func (s *Server) file(w http.ResponseWriter, r *http.Request, name string) {
	text, err := fs.ReadFile(built, path.Join("web/dist", name))
	if err != nil {
		w.Header().Set("Cache-Control", "no-store")
		s.fail(w, r, &apiError{Status: http.StatusNotFound, Message: "no such file"})
		return
	}
	w.Header().Set("Content-Type", mimeType(name))
	w.Write(text) //nolint:errcheck // the caller is gone
}

// mimeType does not ask the system's table, which differs between machines.
func mimeType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(".bin")
}
