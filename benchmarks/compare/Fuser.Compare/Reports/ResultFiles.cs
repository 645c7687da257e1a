using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fuser.Compare.Reports;

/// <summary>Writes a run: the page, the picture and the raw figures.</summary>
internal static class ResultFiles
{
    public const string Name = "compare";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static async Task WriteAsync(RunResult result, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, $"{Name}.json"), ToJson(result), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, $"{Name}.svg"), SvgChart.Of(result), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, $"{Name}.md"), MarkdownReport.Of(result, $"{Name}.svg"), cancellationToken);
    }

    internal static string ToJson(RunResult result) => JsonSerializer.Serialize(result, s_json) + "\n";

    internal static RunResult FromJson(string json) => JsonSerializer.Deserialize<RunResult>(json, s_json)!;
}
