// Writes dashboards/*.json and the ConfigMaps for Grafana's sidecar on Kubernetes; with --out DIR below that folder instead.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { fleet } from './fleet.js';
import { container } from './container.js';
import { compare } from './compare.js';
import { history } from './history.js';
import { recommendations } from './recommendations.js';
import { exporter } from './exporter.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const option = process.argv.indexOf('--out');
const out = option > 0 ? path.resolve(process.argv[option + 1]) : root;

const indent = (/** @type {string} */ text, /** @type {number} */ by) =>
  text.trimEnd().split('\n').map((line) => ' '.repeat(by) + line).join('\n');

/** A ConfigMap per dashboard: one object holds at most 1 MiB. @param {string} uid @param {string} json */
const configMap = (uid, json) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${uid}-dashboard
  labels:
    grafana_dashboard: "1"
  annotations:
    grafana_folder: Bottleneck
data:
  ${uid}.json: |
${indent(json, 4)}
`;

const boards = [fleet, container, compare, history, recommendations, exporter].map((board) => board().build());
fs.mkdirSync(path.join(out, 'dashboards'), { recursive: true });
fs.mkdirSync(path.join(out, 'deploy/grafana/kubernetes'), { recursive: true });
const maps = ['# Generated from dashboards/src by `npm run generate`; for the sidecar that watches ConfigMaps labelled grafana_dashboard.\n'];
for (const board of boards) {
  const json = `${JSON.stringify(board, null, 2)}\n`;
  fs.writeFileSync(path.join(out, 'dashboards', `${board.uid}.json`), json);
  maps.push(configMap(String(board.uid), JSON.stringify(board, null, 1)));
}
fs.writeFileSync(path.join(out, 'deploy/grafana/kubernetes/dashboards.yaml'), maps.join('---\n'));
