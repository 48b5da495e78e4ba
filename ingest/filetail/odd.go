package filetail

import (
	"os"
	"slices"
	"strings"
)

// odd tells once of what a path gives and is no file to follow. A glob gives folders and compressed files by
// the way; a path that names one means it, and counts as unreadable.
func (in *input) odd(path string, st os.FileInfo) {
	named := !strings.ContainsAny(path, `*?[{\`) && slices.Contains(in.settings.Paths, path)
	switch mode := st.Mode(); {
	case mode.IsDir() && named:
		in.once("odd "+path, "a path names a folder, and so none of its files; write a glob such as "+path+"/*.log", "path", path)
	case mode.IsRegular() && named && isCompressed(path):
		in.once("odd "+path, "a path names a compressed file, which is not followed; unpack it, or send what is in it with sluice replay --to", "path", path)
	case !mode.IsDir() && !mode.IsRegular() && !isCompressed(path):
		in.once("odd "+path, "a path gives no regular file but a pipe, a socket or a device; it is not read", "path", path, "mode", mode.String())
	}
	if named {
		in.misnamed++
	}
}

func isCompressed(path string) bool {
	return slices.ContainsFunc(compressed, func(end string) bool { return strings.HasSuffix(path, end) })
}
