"""Commands of Docker's products and plugins that this package lacks: what to use instead."""

from __future__ import annotations

from types import MappingProxyType

#: Command -> what it is, and what to use instead. A plugin that is installed is run instead.
OTHER_WORDS = MappingProxyType(
    {
        "ai": "it is Docker Desktop's assistant; explain a line with docker explain LINE",
        "buildx create": "the engine has one builder; install the buildx plugin for others",
        "buildx dap": "debugging needs the buildx plugin; build with --progress plain",
        "buildx debug": "debugging needs the buildx plugin; build with --progress plain",
        "buildx history": "the engine keeps no records of builds; build with --metadata-file FILE",
        "buildx install": "docker build uses BuildKit wherever the engine has it",
        "buildx rm": "the engine has one builder, default, which cannot be removed",
        "buildx stop": "the engine has one builder, default, which stops with it",
        "buildx uninstall": "to build without BuildKit, run docker build --builder classic",
        "buildx use": "the engine has one builder, default, which is in use",
        "desktop": "it controls Docker Desktop; see the engine in use with docker info",
        "extension": "it manages extensions of Docker Desktop; run their images with docker run",
        "mcp": "it is Docker Desktop's MCP Toolkit; run a server with docker run -i --rm mcp/NAME",
        "model": "Docker Model Runner serves language models; use docker run -d -p 11434:11434"
        " ollama/ollama",
        "offload": "it moves containers to Docker's cloud; use another machine's engine with docker"
        " -H ssh://USER@HOST",
        "pass": "it stores secrets for Docker Desktop; use docker secret, or --secret of docker"
        " build",
        "sandbox": "it isolates coding agents in Docker Desktop; use docker run -it --rm -v"
        ' "$PWD":/work -w /work IMAGE',
        "sbom": "it was replaced by docker scout sbom; list an image's packages with syft IMAGE",
        "scan": "it was replaced by docker scout; find vulnerabilities with trivy image IMAGE",
        "scout": "Docker Scout finds vulnerabilities in images; use trivy image IMAGE, or grype"
        " IMAGE",
        "trust": "Docker 29 removed content trust; sign images with cosign or notation",
    }
)
