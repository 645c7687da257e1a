using System.Text.Json;
using Fuser.Actors;

namespace Fuser.Host.Commands;

/// <summary>An explanation as the fields of a JSON object.</summary>
internal static class ExplanationJson
{
    public static void Write(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteString("graph_key", explanation.GraphKey);
        json.WriteString("graph", explanation.NormalisedGraph);
        WriteTexts(json, "steps", explanation.Steps);
        json.WriteStartArray("plans");
        foreach (var plan in explanation.Plans)
        {
            json.WriteStartObject();
            json.WriteString("region", plan.Region);
            WritePlan(json, "fused", plan.Fused);
            WritePlan(json, "unfused", plan.Unfused);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("groups");
        foreach (var group in explanation.Groups)
        {
            WriteGroup(json, group);
        }

        json.WriteEndArray();
        json.WriteStartArray("not_fused");
        foreach (var fallback in explanation.NotFused)
        {
            json.WriteStartObject();
            json.WriteString("where", fallback.Where);
            json.WriteString("reason", fallback.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WritePlan(Utf8JsonWriter json, string name, PlanExplanation plan)
    {
        json.WriteStartObject(name);
        json.WriteStartArray("steps");
        foreach (var step in plan.Steps)
        {
            json.WriteStartObject();
            json.WriteString("step", step.Description);
            WriteTexts(json, "boundaries", step.Boundaries);
            json.WriteString("sweeps", step.Sweeps);
            json.WriteNumber("bytes_read", step.BytesRead);
            json.WriteNumber("bytes_written", step.BytesWritten);
            if (step.Placement is { } placement)
            {
                json.WriteBoolean("runs_on_device", placement.RunsOnDevice);
                json.WriteString(placement.RunsOnDevice ? "launch" : "host_reason", placement.Description);
                json.WriteNumber("bytes_to_host", placement.BytesToHost);
                json.WriteNumber("bytes_to_device", placement.BytesToDevice);
                if (placement.Listing is not null)
                {
                    json.WriteString("generated", placement.Listing);
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("bytes_read", plan.BytesRead);
        json.WriteNumber("bytes_written", plan.BytesWritten);
        json.WriteNumber("peak_bytes", plan.PeakBytes);
        json.WriteNumber("bytes_without_reuse", plan.BytesWithoutReuse);
        if (plan.Copies is { } copies)
        {
            json.WriteStartObject("copies");
            json.WriteString("device", copies.Device);
            json.WriteNumber("bytes_to_device", copies.BytesToDevice);
            json.WriteNumber("bytes_to_host", copies.BytesToHost);
            json.WriteBoolean("shares_memory", copies.SharesMemory);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteGroup(Utf8JsonWriter json, GroupExplanation group)
    {
        json.WriteStartObject();
        json.WriteNumber("group", group.Group);
        json.WriteString("spec_key", group.SpecKey);
        json.WriteString("arguments", group.ArgumentKey);
        json.WriteString("graph", group.Graph);
        json.WriteString("kernel", group.KernelIr);
        json.WriteString("generated", group.Listing);
        json.WriteString("would_compile", group.WouldCompile);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
