// What a browser test works with: the browser, fresh pages, the program under test, pictures and
// the accessibility judge. All of it is ended by clear() and close().

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';

const LIMIT_MS = 60_000;
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run \`cargo xtask test\``);
  return value;
}

export class Stage {
  static async open() {
    const stage = new Stage();
    stage.tools = createRequire(path.join(setting('SEKISHO_NODE_TOOLS'), 'package.json'));
    stage.pictures = setting('SEKISHO_SCREENSHOTS');
    stage.axeSource = await readFile(stage.tools.resolve('axe-core/axe.min.js'), 'utf8');
    await mkdir(stage.pictures, { recursive: true });
    // launch() makes a new profile folder and takes it away again.
    stage.browser = await stage.tools('playwright-core').chromium.launch({
      executablePath: setting('SEKISHO_CHROMIUM'), args: FLAGS,
    });
    stage.running = [];
    stage.contexts = [];
    return stage;
  }

  // A fresh visitor. Every request to anywhere but loopback, every console error and every broken
  // content security policy is kept and makes quiet() fail.
  async visitor({ language = 'ja', dark = false, width = 1280, height = 800, scripts = true, agent } = {}) {
    const context = await this.browser.newContext({
      locale: language === 'ja' ? 'ja-JP' : 'en-GB',
      timezoneId: 'Asia/Tokyo',
      colorScheme: dark ? 'dark' : 'light',
      viewport: { width, height },
      javaScriptEnabled: scripts,
      userAgent: agent,
      reducedMotion: 'reduce',
    });
    this.contexts.push(context);
    const page = await context.newPage();
    page.troubles = [];
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol.startsWith('http') && hostname !== '127.0.0.1' && hostname !== 'localhost') {
        page.troubles.push(`request to ${hostname}`);
      }
    });
    page.on('pageerror', (error) => page.troubles.push(`script error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') page.troubles.push(`console: ${message.text()}`);
    });
    return page;
  }

  async quiet(page) {
    await page.evaluate(() => 0); // what the page said before this has arrived when it answers
    if (page.troubles.length > 0) throw new Error(`the page was not quiet:\n${page.troubles.join('\n')}`);
  }

  // Saves a picture as NAME.png. Names starting with docs- are those that the documentation shows.
  async picture(page, name, { full = false } = {}) {
    const file = path.join(this.pictures, `${name}.png`);
    await page.screenshot({ path: file, fullPage: full, animations: 'disabled' });
    return file;
  }

  // What the accessibility judge (WCAG 2.2 A and AA) holds against the page, as lines.
  async barriers(page) {
    // The page's own policy forbids foreign scripts, as it should; evaluate goes past it.
    await page.evaluate(this.axeSource);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
      runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
    }));
    return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`));
  }

  async accessible(page) {
    const barriers = await this.barriers(page);
    if (barriers.length > 0) throw new Error(`barriers at ${page.url()}:\n${barriers.join('\n')}`);
  }

  // Starts the program on a fresh folder and waits until it is ready.
  async sekisho(command = 'up', more = []) {
    const home = await mkdtemp(path.join(os.tmpdir(), 'sekisho-browser-'));
    const address = `127.0.0.1:${await freePort()}`;
    const words = [command, ...more, '--data', path.join(home, 'data'), '--listen', address];
    const child = spawn(setting('SEKISHO_BIN'), words, {
      stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: { ...process.env, NO_COLOR: '1' },
    });
    const server = { child, home, url: `http://${address}`, data: path.join(home, 'data'), stdout: '', stderr: '' };
    this.running.push(server);
    child.on('error', (error) => { server.stderr += error.message; });
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8').on('data', (text) => { server[stream] += text; });
    }
    await until(`${server.url}/readyz`, async () => {
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${server.stderr}`);
      const reply = await fetch(`${server.url}/readyz`).catch(() => undefined);
      return reply?.ok;
    });
    return server;
  }

  // What the programs under test have said, for the message of a test that failed.
  said() {
    return this.running.map(({ stdout, stderr }) => `stdout: ${stdout}\nstderr: ${stderr}`).join('\n');
  }

  async clear() {
    for (const context of this.contexts.splice(0)) await context.close();
    for (const { child, home } of this.running.splice(0)) {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group has ended already.
      }
      await ended;
      await rm(home, { recursive: true, force: true });
    }
  }

  async close() {
    await this.clear();
    await this.browser.close();
  }
}

// Waits for a condition, asked again and again for at most a minute.
export async function until(what, condition) {
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    const found = await condition();
    if (found) return found;
    await new Promise((go) => setTimeout(go, 25));
  }
  throw new Error(`waited in vain for ${what}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
