# The image ghcr.io/hostfit/hostfit: one static program and nothing else.
#
#   docker run --rm -v "$PWD:/src:ro" ghcr.io/hostfit/hostfit check
FROM rust:1.95.0-alpine3.23@sha256:606fd313a0f49743ee2a7bd49a0914bab7deedb12791f3a846a34a4711db7ed2 AS build
WORKDIR /src
COPY . .
# On Alpine rustc links statically by itself.
RUN cargo build --locked --release --package hostfit

FROM scratch
LABEL org.opencontainers.image.source="https://github.com/hostfit/hostfit" \
      org.opencontainers.image.description="Will every container image in these files run on every Windows host they may land on?" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# Whom `hostfit images --online` trusts.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY LICENSE-APACHE LICENSE-MIT /licenses/
COPY --from=build /src/target/release/hostfit /hostfit
USER 65532:65532
WORKDIR /src
ENTRYPOINT ["/hostfit"]
CMD ["check"]
