"""Java projects: pom.xml (Maven) or build.gradle (Gradle)."""

from __future__ import annotations

import re
from pathlib import Path

from .project import Project, command, exposed, first_number, read

#: The version of Java for projects that name none; images exist for LTS versions.
_VERSION = 21
_LTS = (8, 11, 17, 21, 25)
_IN_POM = r"<(?:java\.version|maven\.compiler\.(?:release|target|source)|release)>(?:1\.)?(\d+)<"
_IN_GRADLE = (
    r"(?:JavaLanguageVersion\.of\(|JavaVersion\.VERSION_(?:1_)?|Compatibility\s*=\s*['\"]?)(\d+)"
)
_PORT = 8080
_NOT_PROGRAMS = ("original-*", "*-plain.jar", "*-sources.jar", "*-javadoc.jar")


def detect(folder: Path) -> Project | None:
    """Return the Java project of a folder, or None."""
    if (folder / "pom.xml").is_file():
        version = _lts(first_number(_IN_POM, [folder / "pom.xml"]))
        build = [
            f"FROM maven:3-eclipse-temurin-{version} AS build",
            "WORKDIR /src",
            "COPY pom.xml .",
            "RUN mvn --batch-mode --quiet dependency:go-offline",
            "COPY . .",
            "RUN mvn --batch-mode --quiet package -DskipTests",
        ]
        return _project(folder, f"Java {version} (Maven)", version, build, "target")
    scripts = [folder / "build.gradle", folder / "build.gradle.kts"]
    if any(script.is_file() for script in scripts):
        version = _lts(first_number(_IN_GRADLE, scripts))
        build = [
            f"FROM gradle:jdk{version} AS build",
            "WORKDIR /src",
            "COPY . .",
            "RUN gradle --no-daemon build -x test",
        ]
        return _project(folder, f"Java {version} (Gradle)", version, build, "build/libs")
    return None


def _project(folder: Path, kind: str, version: int, build: list[str], output: str) -> Project:
    excluded = " ".join(f"! -name '{pattern}'" for pattern in _NOT_PROGRAMS)
    port = _port(folder)
    dockerfile = [
        *build,
        f"RUN cp $(find {output} -maxdepth 1 -name '*.jar' {excluded} | head -n 1) /app.jar",
        "",
        f"FROM eclipse-temurin:{version}-jre",
        "COPY --from=build /app.jar /app.jar",
        "USER 10001",
        *exposed(port),
        command("java", "-jar", "/app.jar"),
    ]
    return Project(kind, dockerfile, ("target", "build", ".gradle", "*.class"), port)


def _lts(version: int | None) -> int:
    """Return the oldest version with images that runs the program."""
    return next((known for known in _LTS if known >= (version or _VERSION)), _VERSION)


def _port(folder: Path) -> int | None:
    """Return the port of a web application; None for other programs."""
    settings = sorted(folder.glob("src/main/resources/application.*"))
    if port := first_number(r"(?m)(?:server\.port\s*[=:]|^\s+port:)\s*(\d+)", settings):
        return port
    build = "".join(read(folder / name) for name in ("pom.xml", "build.gradle", "build.gradle.kts"))
    return _PORT if re.search(r"spring-boot-starter-web|quarkus|micronaut|ktor", build) else None
