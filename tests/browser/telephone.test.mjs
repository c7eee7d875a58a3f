// A telephone from the QR code to the tunnel: enrolled in its browser, declared by its user, connected.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PASSWORD, fits, setUp, skipSecondFactor } from './newcomer.mjs';
import { appointed, arrives, registered, send } from './people.mjs';

const STAFF = '木村 花';
const SYSTEMS = '山田 一子';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1';

const base64url = (bytes) => Buffer.from(bytes).toString('base64url');

// A gateway as far as the server has to know one: its key stands in the register, it says which it is, and it
// asks for its table again and again.
async function gatewayKey() {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey));
  return { keys, text: base64url([2 + (point[64] & 1), ...point.slice(1, 33)]) };
}

const signs = async ({ keys }, input) =>
  base64url(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, Buffer.from(input)));

async function greets(server, gateway) {
  const tunnel = Buffer.alloc(32, 9).toString('base64');
  const time = Date.now();
  const proof = await signs(gateway, `sekisho-gateway-enrol-v2\n${gateway.text}\n${tunnel}\n${time}\n${time}`);
  const body = JSON.stringify({ public_key: gateway.text, wireguard_key: tunnel, time, number: time, proof });
  const reply = await fetch(`${server.url}/gateway/v1/enrol`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  const said = await reply.text();
  assert.equal(reply.status, 200, said);
  return { tunnel, id: JSON.parse(said).gateway };
}

async function asksForTable(server, gateway, id) {
  const [path, time] = ['/gateway/v1/table?after=0', Date.now()];
  const nothing = createHash('sha256').digest('hex');
  const signature = await signs(gateway, `sekisho-gateway-request-v1\nGET\n${path}\n${id}\n${time}\n${time}\n${nothing}`);
  const headers = { 'sekisho-gateway': id, 'sekisho-time': `${time}`, 'sekisho-sequence': `${time}`, 'sekisho-signature': signature };
  return (await fetch(`${server.url}${path}`, { headers })).status;
}

async function enters(page, server, register, fill) {
  await page.goto(`${server.url}/registers/${register}/new`);
  const form = page.locator('main form.form');
  await fill(form);
  const option = form.locator('select[name="f-officer"] option', { hasText: '情報システム室長' }).first();
  await form.locator('select[name="f-officer"]').selectOption(await option.getAttribute('value'));
  await form.locator('.form-end button').click();
  await page.waitForURL(new RegExp(`/registers/${register}/[a-z]+_`));
  return new URL(page.url()).pathname.split('/').pop();
}

async function chosen(form, name, value) {
  const box = form.locator(`[name="${name}"][value="${value}"]`);
  if (await box.count()) return box.check();
  return form.locator(`select[name="${name}"]`).selectOption(value);
}

// The feed by which releases of telephones are judged.
async function feed(server) {
  const file = path.join(server.home, 'endoflife.json');
  const today = new Date().toISOString().slice(0, 10);
  const release = { releaseCycle: '26', releaseDate: '2025-09-15', eol: false, latestReleaseDate: today };
  await writeFile(file, JSON.stringify({ ios: { releases: [release] } }));
  const said = spawnSync(process.env.SEKISHO_BIN, ['feeds', 'import', file, '--data', server.data], { encoding: 'utf8' });
  assert.equal(said.status, 0, said.stderr + said.stdout);
}

async function handedOut(page, server, stage) {
  await page.goto(`${server.url}/organisation`);
  const form = page.locator('form[action="/organisation/enrolments"]');
  await form.locator('[name=device_form]').selectOption('telephone');
  await form.locator('[name=class]').selectOption('byod');
  await form.locator('[name=user]').selectOption({ label: STAFF });
  await send(page, 'form[action="/organisation/enrolments"]');
  await page.locator('svg.qr').waitFor();
  await stage.accessible(page);
  await stage.picture(page, 'telephone-handed-out');
  return page.locator('code.secret').innerText();
}

async function declares(phone, how = {}) {
  const form = phone.locator('form[data-declare]');
  const said = { name: '業務用iPhone', system: 'ios', version: '26.1', lock: '120', updates: 'yes', encrypted: 'yes', intact: 'yes', ...how };
  await form.locator('[name=name]').fill(said.name);
  for (const name of ['system', 'lock']) await form.locator(`[name=${name}]`).selectOption(said[name]);
  await form.locator('[name=version]').fill(said.version);
  for (const name of ['updates', 'encrypted', 'intact']) await form.locator(`[name=${name}][value=${said[name]}]`).check();
  await form.locator('[name=sure]').check();
  await form.locator('button[type=submit]').click();
  await phone.locator('[data-standing=fresh]:visible').waitFor();
}

// What the browser keeps of the device, and whether its key can be taken out.
const kept = (phone) =>
  phone.evaluate(async () => {
    const database = await new Promise((take) => {
      const asked = indexedDB.open('sekisho', 1);
      asked.onsuccess = () => take(asked.result);
    });
    const device = await new Promise((take) => {
      const asked = database.transaction('kept').objectStore('kept').get('device');
      asked.onsuccess = () => take(asked.result);
    });
    database.close();
    const taken = await Promise.all(['pkcs8', 'jwk'].map((form) =>
      crypto.subtle.exportKey(form, device.keys.privateKey).then(() => true, () => false)));
    return { device: device.device, extractable: device.keys.privateKey.extractable, taken, tunnel: Boolean(device.tunnel), tunnelKey: Boolean(device.tunnel?.keys) };
  });

const aged = (phone, days) =>
  phone.evaluate((days) => new Promise((done) => {
    const asked = indexedDB.open('sekisho', 1);
    asked.onsuccess = () => {
      const store = asked.result.transaction('kept', 'readwrite').objectStore('kept');
      const read = store.get('device');
      read.onsuccess = () => {
        read.result.declared.at -= days * 86_400_000;
        store.put(read.result, 'device').onsuccess = () => done(asked.result.close());
      };
    };
  }), days);

// The page as it stands, light and dark, and what is wrong with it.
async function looks(stage, phone, name, wrong) {
  const lang = await phone.locator('html').getAttribute('lang');
  for (const colorScheme of ['light', 'dark']) {
    await phone.emulateMedia({ colorScheme });
    for (const judge of [fits, (it) => stage.accessible(it), (it) => stage.quiet(it)]) {
      await judge(phone).catch(({ message }) => wrong.push(`${name}-${lang}-${colorScheme}: ${message}`));
    }
    await stage.picture(phone, `telephone-${name}-${lang}-${colorScheme}`, { full: true });
  }
}

async function inBoth(stage, phone, name, part, wrong) {
  await looks(stage, phone, name, wrong);
  await phone.locator('a.language').click();
  await phone.locator(`${part}:visible`).waitFor();
  await looks(stage, phone, name, wrong);
  await phone.locator('a.language').click();
  await phone.locator(`${part}:visible`).waitFor();
}

async function permitted(staff, systems, server, device, system) {
  await staff.goto(`${server.url}/permits/new/pa?f-device=${device}`);
  const form = staff.locator('main form.form');
  await chosen(form, 'f-system', system);
  await chosen(form, 'f-device', device);
  const today = new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 10);
  await form.locator('[name="f-term_from-year"]').fill(today);
  await form.locator('[name="f-term_until-year"]').fill('2027-03-31');
  await form.locator('[name="remark"]').fill('外出先で確認するため');
  await form.locator('.form-end button').click();
  await staff.waitForURL(/\/permits\/[a-z]+_[0-9a-z]+$/);
  const permit = new URL(staff.url()).pathname;
  await systems.goto(server.url + permit);
  await systems.locator('main button[value=approve]').click();
  await systems.waitForURL(`**${permit}`);
  await staff.goto(`${server.url}${permit}/activate`);
  const confirmed = staff.locator('[name=confirmed]');
  if (await confirmed.count()) await confirmed.check();
  await staff.locator('main form.form .form-end button').click();
  await staff.waitForURL(`**${permit}`);
}

export const tests = [
  {
    name: 'a telephone is enrolled once, declared by its user, and given a tunnel whose key it made',
    limit: 420,
    async run(stage) {
      const server = await stage.sekisho('up', ['--lang', 'ja']);
      const head = await stage.visitor();
      await setUp(head, server);
      await skipSecondFactor(head, server);
      await feed(server);
      const links = {};
      for (const [who, name, role, title] of [
        ['staff', STAFF, 'staff', '係員'],
        ['systems', SYSTEMS, 'isso', '情報システム室長'],
      ]) {
        links[who] = await registered(head, server, name, who);
        await appointed(head, server, role, title, name);
      }
      const systems = await arrives(stage, links.systems, { scripts: true });
      const staff = await arrives(stage, links.staff, { scripts: true });
      const line = await enters(systems, server, 'line', async (f) => {
        await f.locator('[name="f-name"]').fill('庁内LAN'); await chosen(f, 'f-kind', 'internal');
      });
      const system = await enters(systems, server, 'system', async (f) => {
        await f.locator('[name="f-name"]').fill('施設予約システム');
        for (const letter of ['c', 'i', 'a']) await f.locator(`[name="f-highest-${letter}"][value="1"]`).check();
        await chosen(f, 'f-host', 'own_premises');
        await f.locator('[name="f-remote"]').check();
        await f.locator('[name="f-address"]').fill('192.0.2.10');
        await f.locator('[name="f-ports"]').first().fill('443/tcp');
      });
      const gateway = await gatewayKey();
      await enters(systems, server, 'gateway', async (f) => {
        await f.locator('[name="f-name"]').fill('本庁ゲートウェイ'); await chosen(f, 'f-line', line);
        await f.locator('[name="f-endpoint"]').fill('gate.example.jp:51820'); await f.locator('[name="f-network"]').fill('10.90.0.0/24');
        await f.locator('[name="f-key"]').fill(gateway.text);
      });
      const { tunnel: tunnelKey, id: gatewayId } = await greets(server, gateway);
      assert.equal(await asksForTable(server, gateway, gatewayId), 200);
      // It is heard for as long as this lasts, and no longer than its server.
      setInterval(() => asksForTable(server, gateway, gatewayId).catch(() => {}), 5000).unref();
      const wrong = [];

      // The code is handed out; the telephone scans it.
      const link = await handedOut(systems, server, stage);
      assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/telephone#[\w.-]+$/);
      const phone = await stage.visitor({ width: 390, height: 844, agent: IPHONE });
      const asked = [];
      phone.on('request', (request) => asked.push(`${request.url()} ${request.postData() ?? ''}`));
      await phone.goto(`${server.url}/telephone`);
      await phone.locator('[data-part=nothing]:visible').waitFor();
      await looks(stage, phone, 'nothing', wrong);
      await phone.goto(link);
      await phone.locator('[data-part=enrol]:visible').waitFor();
      assert.equal(new URL(phone.url()).hash, '', 'the secret leaves the address');
      await inBoth(stage, phone, 'enrol', '[data-part=enrol]', wrong);
      await phone.locator('[data-do=enrol]').click();
      await phone.locator('[data-standing=never]:visible').waitFor();
      const secret = link.split('#')[1];
      const told = asked.filter((it) => it.includes(secret));
      assert.deepEqual(told.map((it) => new URL(it.split(' ')[0]).pathname), ['/agent/v1/enrol']);

      // The key stays where it was made.
      const first = await kept(phone);
      assert.match(first.device, /^dev_/);
      assert.deepEqual([first.extractable, ...first.taken], [false, false, false]);

      // The link is used up.
      const other = await stage.visitor({ width: 390, height: 844 });
      await other.goto(link);
      await other.locator('[data-do=enrol]').click();
      await other.locator('[data-part=said]:visible').waitFor();
      assert.match(await other.locator('[data-part=said]').innerText(), /登録コードが使えません/);

      // Its user declares; what the browser says is a suggestion only.
      const form = phone.locator('form[data-declare]');
      assert.equal(await form.locator('[name=version]').inputValue(), '26.1');
      assert.ok(await phone.locator('[data-suggested]').isVisible());
      assert.equal(await form.locator('[name=intact]:checked').count(), 0, 'nothing is answered beforehand');
      await inBoth(stage, phone, 'declare', 'form[data-declare]', wrong);
      await declares(phone);
      await inBoth(stage, phone, 'declared', '[data-standing=fresh]', wrong);
      await head.goto(`${server.url}/devices/${first.device}`);
      const page = await head.locator('main').innerText();
      for (const said of ['業務用iPhone', '利用者の申告によるもの', '申告された範囲では問題がありません', 'iOS 26.1']) assert.ok(page.includes(said), said);
      assert.ok(!page.includes('すべての点検に合格'), 'a word is not called a passed check');
      await stage.accessible(head);
      await stage.picture(head, 'telephone-device', { full: true });

      // It asks for a tunnel; its user signs in on it and says yes.
      await permitted(staff, systems, server, first.device, system);
      await phone.locator('[data-do=connect]').click();
      await phone.locator('[data-tunnel=waiting]:visible').waitFor();
      assert.equal((await kept(phone)).tunnelKey, true);
      await inBoth(stage, phone, 'waiting', '[data-tunnel=waiting]', wrong);
      const opened = phone.context().waitForEvent('page');
      await phone.locator('a[data-confirm]').click();
      const tab = await opened;
      await tab.locator('[name=login]').fill('staff');
      await tab.locator('[name=password]').fill(PASSWORD);
      await tab.locator('main button[type=submit]').last().click();
      await tab.locator('main button[value=yes]').click();
      await tab.locator('main .alert--success').waitFor();
      await tab.close();
      await phone.locator('[data-tunnel=open]:visible').waitFor();
      const reached = await phone.locator('[data-systems] li').innerText();
      assert.match(reached, /施設予約システム[\s\S]*利用できません[\s\S]*テレワークの許可がない/);
      await inBoth(stage, phone, 'open', '[data-tunnel=open]', wrong);

      // The configuration is built here; its private half was sent to nobody.
      const saved = phone.waitForEvent('download');
      await phone.locator('[data-do=save]').click();
      const file = await saved;
      assert.equal(file.suggestedFilename(), 'sekisho.conf');
      const text = await readFile(await file.path(), 'utf8');
      const key = text.match(/^PrivateKey = ([A-Za-z0-9+/]{43}=)$/m)?.[1];
      assert.ok(key, text.replace(/PrivateKey.*/, ''));
      assert.match(text, /^Address = 10\.90\.0\.\d+\/32$/m);
      assert.ok(text.includes(`PublicKey = ${tunnelKey}\nEndpoint = gate.example.jp:51820\n`));
      assert.match(text, /^AllowedIPs = .*192\.0\.2\.10/m);
      assert.ok(!asked.some((it) => it.includes(key) || it.includes(key.slice(0, 42).replaceAll('+', '-').replaceAll('/', '_'))));

      // It is given out once: the browser has it no more, and says so after it is opened anew as well.
      await phone.locator('[data-saved]:visible').waitFor();
      assert.equal((await kept(phone)).tunnelKey, false);
      await inBoth(stage, phone, 'saved', '[data-saved]', wrong);
      assert.equal(await phone.locator('[data-do=save]:visible').count(), 0);

      await phone.locator('[data-do=end]').click();
      await phone.locator('[data-tunnel=ended]:visible').waitFor();
      assert.equal((await kept(phone)).tunnel, false, 'nothing is kept of a tunnel that is over');
      await inBoth(stage, phone, 'over', '[data-part=connect]', wrong);

      // After thirty days the page asks again, and the server has known without it.
      await aged(phone, 31);
      await phone.reload();
      await phone.locator('[data-standing=over]:visible').waitFor();
      await inBoth(stage, phone, 'expired', '[data-standing=over]', wrong);
      assert.equal(wrong.join('\n'), '');
    },
  },
];
