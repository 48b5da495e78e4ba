# One static binary on nothing: no shell, no package manager, not root.
FROM golang:1.26.0-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /out/sluice ./cmd/sluice && mkdir -p /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/sluice /usr/local/bin/sluice
# A named volume takes over owner and mode of the folder that it is mounted on.
COPY --from=build --chown=nonroot:nonroot /out/data /var/lib/sluice
USER nonroot
EXPOSE 5514/udp 5514/tcp 8514/tcp
ENTRYPOINT ["/usr/local/bin/sluice"]
CMD ["run"]
