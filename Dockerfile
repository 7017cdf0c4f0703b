# One image, three entry points (the command says which):
#   gateway  serve --role gateway   (default)
#   worker   worker
#   migrate  migrate
# The file system may be read-only: secrets, database and Redis come from the environment, and only a DATA_DIR that you
# mount is ever written to.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY .swcrc ./
COPY scripts/children.mjs scripts/build.mjs scripts/
COPY src src
COPY migrations migrations
RUN node scripts/build.mjs src migrations

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-slim
LABEL org.opencontainers.image.title="codex-pooler" \
      org.opencontainers.image.description="A self-hosted gateway that lets Codex CLIs and SDKs share a pool of upstream Codex accounts" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production \
    NODE_OPTIONS=--enable-source-maps \
    HOST=0.0.0.0 \
    PORT=4000 \
    WORKER_PORT=4001
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
# `node`, by its number: Kubernetes cannot tell that a name is not root.
USER 1000:1000
EXPOSE 4000 4001 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "const ask = async (port) => { if (!(await fetch(`http://127.0.0.1:${port}/healthz`)).ok) throw 0 }; Promise.any([ask(process.env.PORT), ask(process.env.WORKER_PORT)]).catch(() => process.exit(1))"]
ENTRYPOINT ["node", "dist/src/cli.js"]
CMD ["serve", "--role", "gateway"]
