// The usual way to take a webhook: Express and better-sqlite3. Signature,
// parse, one insert (de-duplicated by the message id), fsync, then 200.
// usage: node server.js DATABASE APP-SECRET
'use strict';
const crypto = require('node:crypto');
const express = require('express');
const Database = require('better-sqlite3');

const [file, secret] = process.argv.slice(2);
const db = new Database(file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`CREATE TABLE IF NOT EXISTS message (
  id TEXT PRIMARY KEY, sender TEXT NOT NULL, type TEXT NOT NULL,
  body TEXT NOT NULL, received INTEGER NOT NULL)`);
const insert = db.prepare(
    'INSERT OR IGNORE INTO message VALUES (?, ?, ?, ?, ?)');

const app = express();
app.use(express.raw({type: 'application/json', limit: '3mb'}));
app.post('/webhook', (request, response) => {
  const mac = crypto.createHmac('sha256', secret).update(request.body).digest();
  const given = Buffer.from(
      (request.get('X-Hub-Signature-256') || '').slice(7), 'hex');
  if (given.length !== mac.length || !crypto.timingSafeEqual(mac, given))
    return response.sendStatus(401);
  const body = JSON.parse(request.body);
  for (const entry of body.entry || [])
    for (const change of entry.changes || [])
      for (const m of change.value.messages || [])
        insert.run(m.id, m.from, m.type, JSON.stringify(m), Date.now());
  response.sendStatus(200);
});
const server = app.listen(0, '127.0.0.1',
    () => console.log(`ready ${server.address().port}`));
process.stdin.on('end', () => process.exit(0)).resume();
