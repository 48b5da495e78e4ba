import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

// What the built files depend on. The Go test TestBuiltFilesAreFresh hashes the same.
const sources = ["index.html", "login.html", "package-lock.json", "package.json", "public", "src", "tsconfig.json", "vite.config.ts"];

function files(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => files(join(path, name)));
}

// Writes dist/SOURCES: one line "sha256  path" for each source, sorted.
function noteSources(): Plugin {
  return {
    name: "note-sources",
    closeBundle() {
      const lines = sources
        .flatMap(files)
        .sort()
        .map((path) => `${createHash("sha256").update(readFileSync(path)).digest("hex")}  ${path}\n`);
      writeFileSync("dist/SOURCES", lines.join(""));
    },
  };
}

// The log-in page's files lie in a folder of their own: only they are served without a token.
const folder = (name: string | undefined) => (name?.startsWith("login") ? "login" : "assets");

export default defineConfig({
  plugins: [noteSources()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // the Content-Security-Policy has no data: addresses
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: "index.html", login: "login.html" },
      output: {
        entryFileNames: (chunk) => `${folder(chunk.name)}/[name]-[hash].js`,
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: (asset) => `${folder(asset.names[0])}/[name]-[hash][extname]`,
      },
    },
  },
});
