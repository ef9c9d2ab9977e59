"""The Kubernetes manifests: valid for the API server, and consistent with each other."""

from __future__ import annotations

from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from tests.unit.infra.infrafiles import KUBERNETES, manifests

OBJECTS = manifests()
BUILT_IN = [o for o in OBJECTS if not o["apiVersion"].startswith(("kustomize.", "keda."))]
KUSTOMIZATION = next(o for o in OBJECTS if o["kind"] == "Kustomization")


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {o["metadata"]["name"]: o for o in OBJECTS if o["kind"] == kind}


DEPLOYMENTS = of_kind("Deployment")


def pod(deployment: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return spec


def containers(deployment: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod(deployment).get("initContainers", []), *pod(deployment)["containers"]]


CONTAINERS = [c for deployment in DEPLOYMENTS.values() for c in containers(deployment)]


@pytest.mark.parametrize("built_in", BUILT_IN, ids=lambda o: f"{o['kind']}-{o['metadata']['name']}")
def test_an_object_follows_the_schema_of_its_kind(built_in: dict[str, Any]) -> None:
    kubernetes_validate.validate(built_in, "1.29", strict=True)


def test_the_kustomization_names_every_file_but_the_example_secret_and_the_scaler() -> None:
    on_disk = {path.name for path in KUBERNETES.glob("*.yaml")}
    apart = {"kustomization.yaml", "secret.example.yaml", "scaled-object.yaml"}
    assert set(KUSTOMIZATION["resources"]) == on_disk - apart


def test_every_image_is_one_that_the_kustomization_can_rename() -> None:
    assert {c["image"] for c in CONTAINERS} == {i["name"] for i in KUSTOMIZATION["images"]}


def test_a_selector_finds_its_pods() -> None:
    labels = [d["spec"]["template"]["metadata"]["labels"] for d in DEPLOYMENTS.values()]
    selectors = [d["spec"]["selector"]["matchLabels"] for d in DEPLOYMENTS.values()]
    selectors += [s["spec"]["selector"] for s in of_kind("Service").values()]
    selectors += [
        b["spec"]["selector"]["matchLabels"] for b in of_kind("PodDisruptionBudget").values()
    ]
    for policy in of_kind("NetworkPolicy").values():
        selectors.append(policy["spec"]["podSelector"]["matchLabels"])
        for rule in policy["spec"]["ingress"]:
            selectors += [peer["podSelector"]["matchLabels"] for peer in rule["from"]]
    for selector in selectors:
        assert sum(selector.items() <= pods.items() for pods in labels) == 1, selector


def test_a_named_port_exists() -> None:
    declared = {port["name"] for c in CONTAINERS for port in c.get("ports", [])}
    used = {port["targetPort"] for s in of_kind("Service").values() for port in s["spec"]["ports"]}
    for container in CONTAINERS:
        own = {port["name"] for port in container.get("ports", [])}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if probe in container:
                assert container[probe]["httpGet"]["port"] in own
    for policy in of_kind("NetworkPolicy").values():
        used |= {port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]}
    assert used <= declared


def test_a_mounted_volume_exists_and_is_bounded() -> None:
    for deployment in DEPLOYMENTS.values():
        volumes = {volume["name"]: volume for volume in pod(deployment)["volumes"]}
        mounted = {m["name"] for c in containers(deployment) for m in c["volumeMounts"]}
        assert mounted == set(volumes)
        assert all(volume["emptyDir"]["sizeLimit"] for volume in volumes.values())


def test_settings_come_from_objects_that_exist() -> None:
    for container in CONTAINERS:
        for source in container.get("envFrom", []):
            if "configMapRef" in source:
                assert source["configMapRef"]["name"] in of_kind("ConfigMap")
            else:
                assert source["secretRef"]["name"] in of_kind("Secret")


def test_the_workers_and_their_renderer_share_one_folder_in_one_pod() -> None:
    worker = {c["name"]: c for c in containers(DEPLOYMENTS["worker"])}
    assert set(worker) == {"renderer", "worker", "worker-interactive"}
    for container in worker.values():
        assert {"name": "data", "mountPath": "/data"} in container["volumeMounts"]
    lanes = {
        variable["value"]
        for container in worker.values()
        for variable in container["env"]
        if variable["name"] == "WORKER_LANE"
    }
    assert lanes == {"batch", "interactive"}


def test_the_renderer_gets_no_secret() -> None:
    renderer = next(c for c in CONTAINERS if c["name"] == "renderer")
    assert "envFrom" not in renderer
    # Its weights are those of the image, unless a volume is mounted.
    assert [v["name"] for v in renderer["env"]] == ["RENDERER_SLOTS"]


def test_the_renderer_outlives_its_workers() -> None:
    sidecar = pod(DEPLOYMENTS["worker"])["initContainers"][0]
    assert sidecar["name"] == "renderer"
    assert sidecar["restartPolicy"] == "Always"


def test_every_container_runs_confined() -> None:
    for deployment in DEPLOYMENTS.values():
        assert pod(deployment)["securityContext"]["runAsNonRoot"] is True
        assert pod(deployment)["automountServiceAccountToken"] is False
    for container in CONTAINERS:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_the_scaler_watches_age_and_length_of_the_queue() -> None:
    (scaler,) = of_kind("ScaledObject").values()
    assert scaler["spec"]["scaleTargetRef"]["name"] in DEPLOYMENTS
    queries = yaml.safe_dump([t["metadata"]["query"] for t in scaler["spec"]["triggers"]])
    assert "gala_queue_oldest_age_seconds" in queries
    assert "gala_queue_depth" in queries


def test_the_example_secret_holds_no_real_one() -> None:
    for value in of_kind("Secret")["gala-secrets"]["stringData"].values():
        assert "change-me" in value
