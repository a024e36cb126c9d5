# csrlint alone: a static binary, its manual and completions. No shell, no package manager, no user that could log in.
#
#     docker run --rm --volume "$PWD:/work:ro" --workdir /work ghcr.io/csrlint/csrlint check
#
# Rust 1.95 on Alpine 3.23, by digest: the binary is linked with musl, statically.
FROM docker.io/library/rust:1.95.0-alpine3.23@sha256:606fd313a0f49743ee2a7bd49a0914bab7deedb12791f3a846a34a4711db7ed2 AS build
# The C library's headers, for the C of aws-lc; of the Alpine that the digest names.
# hadolint ignore=DL3018
RUN apk add --no-cache musl-dev
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin csrlint \
    && mkdir -p /image/usr/bin /image/work \
    && cp target/release/csrlint /image/usr/bin/csrlint \
    && cp -R packaging/csrlint.data/data/share /image/usr/share

FROM scratch
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="csrlint" \
      org.opencontainers.image.description="Lint certificate signing requests before a CA sees them" \
      org.opencontainers.image.url="https://github.com/csrlint/csrlint" \
      org.opencontainers.image.source="https://github.com/csrlint/csrlint" \
      org.opencontainers.image.documentation="https://github.com/csrlint/csrlint/blob/main/docs/ci.md" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image/ /
# Nobody in particular: there is no /etc/passwd to name one.
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/usr/bin/csrlint"]
CMD ["check"]
