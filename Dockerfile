# The page in a container. It runs as a user without rights, writes only to /data, and has no model's key.
# docs/container.md says how it is started; compose.yaml adds a Chroma server for the index.

FROM python:3.11-slim AS wheel
WORKDIR /source
COPY . .
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .

FROM python:3.11-slim
RUN groupadd --gid 10001 pincite && useradd --uid 10001 --gid pincite --create-home pincite \
    && install -d -o pincite -g pincite /data
COPY constraints.txt /tmp/constraints.txt
COPY --from=wheel /wheel /tmp/wheel
RUN python -m pip install --no-cache-dir --constraint /tmp/constraints.txt \
        "pincite[chat,serve,mcp,arxiv] @ file://$(ls /tmp/wheel/pincite-*.whl)" \
    && rm -r /tmp/wheel /tmp/constraints.txt
USER 10001:10001
WORKDIR /data
# XDG_DATA_HOME: the names of indexes on a server that were confirmed, the secret that marks what was cached, and the
# page's conversations.
ENV PINCITE_LIBRARY=/data/library XDG_DATA_HOME=/data/share PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 7860), 4)"]
ENTRYPOINT ["pincite"]
CMD ["chat", "--host", "0.0.0.0", "--name", "localhost", "--auth", "/data/people.txt"]
