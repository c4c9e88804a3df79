# One image for every service; docker-compose.yml says which one a container runs.
# syntax features are kept to what every BuildKit since 2021 understands

# To pin it: NODE_IMAGE=node:22-bookworm-slim@sha256:… in .env
ARG NODE_IMAGE=node:22-bookworm-slim
FROM ${NODE_IMAGE} AS base
WORKDIR /app
ENV npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false
COPY package.json package-lock.json ./
COPY libs/clock/package.json libs/clock/
COPY libs/consumer/package.json libs/consumer/
COPY libs/contracts/package.json libs/contracts/
COPY libs/database/package.json libs/database/
COPY libs/event-hubs/package.json libs/event-hubs/
COPY libs/outbox/package.json libs/outbox/
COPY libs/partition-log/package.json libs/partition-log/
COPY libs/schematics/package.json libs/schematics/
COPY libs/service-bus/package.json libs/service-bus/
COPY libs/service-defaults/package.json libs/service-defaults/
COPY libs/testing/package.json libs/testing/

# What the compiler needs, and the compiled services.
FROM base AS build
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY . .
RUN npm run -s build && rm -r apps/*/src libs/*/src

# What runs: without the compiler, without the embedded PostgreSQL, which is an optional package, and without what only
# compilers, debuggers and readers open, which is half of it.
FROM base AS production
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --omit=optional --ignore-scripts \
 && find node_modules -type f -regextype posix-extended \
      -regex '.*(\.map|\.d\.[cm]?ts|/(README|CHANGELOG|HISTORY)[^/]*\.md)' -delete

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=production /app ./
COPY --from=build /app/libs ./libs
COPY --from=build /app/apps ./apps
COPY config ./config
# It is built: commands that build first (npm run -s token, npm run import) work in a container, too.
RUN npm pkg set scripts.build=: \
 && install -d -o node -g node -m 750 /secrets /data
USER node
CMD ["node", "apps/profile/dist/main.js"]
