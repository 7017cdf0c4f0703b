import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from '../../scripts/children.mjs';
import { GATEWAY_CORE } from '../cores.mjs';
import { freePort } from '../redis.mjs';

const UNPACKED = join(root, '.cache/nginx/usr/sbin/nginx');

/** NGINX_BIN, then PATH, then what bench/fetch-nginx.sh has unpacked; undefined: there is none that runs. */
export function findNginx(env = process.env) {
  const onPath = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'nginx'));
  return [...(env.NGINX_BIN ? [env.NGINX_BIN] : []), ...onPath, '/usr/sbin/nginx', UNPACKED].find(
    (bin) => existsSync(bin) && spawnSync(bin, ['-v']).status === 0,
  );
}

const configuration = (folder, port, upstream) => `daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log warn;
events { worker_connections 8192; }
http {
  access_log off;
  client_max_body_size 64m;
  client_body_buffer_size 4m;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream backend { server ${new URL(upstream).host}; keepalive 1024; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 600s;
    }
  }
}
`;

/** One worker, as one core allows. */
export async function nginxTarget(children, folder, upstream) {
  const bin = findNginx();
  if (bin === undefined) return undefined;
  const own = join(folder, 'nginx');
  mkdirSync(own);
  const port = await freePort();
  writeFileSync(join(own, 'nginx.conf'), configuration(own, port, upstream));
  const user = process.getuid() === 0 ? ['-g', 'user root;'] : [];
  const origin = `http://127.0.0.1:${port}`;
  const child = await children.run(
    bin,
    ['-p', own, '-c', join(own, 'nginx.conf'), '-e', join(own, 'error.log'), ...user],
    {
      core: GATEWAY_CORE,
      ready: () =>
        fetch(`${origin}/backend-api/codex/models?client_version=0.169.0`).then(
          () => true,
          () => false,
        ),
    },
  );
  return { name: 'nginx', origin, token: 'anything', pid: child.pid };
}
