// What the browser test runs on: the server and the browser.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

/**
 * The console to test: the one at SLUICE_URL with SLUICE_TOKEN, or our own server
 * with its office, its attack and its hostile events (SLUICE_TEST_SERVER, else go run).
 */
export async function start() {
  const { SLUICE_URL: url, SLUICE_TOKEN: token, SLUICE_TEST_SERVER: program } = process.env;
  if (url) {
    if (!token) throw new Error("SLUICE_URL needs SLUICE_TOKEN");
    const base = url.replace(/\/$/, "");
    return { base, token, link: `${base}/login#token=${token}`, live: true, stop() {} };
  }
  const [command, ...args] = program ? [program] : ["go", "run", "./server"];
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], cwd: import.meta.dirname });
  const link = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const [base, fragment] = link.split("/login#token=");
  return { base, token: fragment, link, live: false, stop: () => child.stdin.end() };
}

export function open() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}
