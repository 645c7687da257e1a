using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fuser.Gpu.Reports;

/// <summary>Writes a run: the page and the raw figures, named after the device.</summary>
internal static class ResultFiles
{
    private const int MostName = 60;

    /// <returns>The page.</returns>
    public static async Task<string> WriteAsync(RunResult result, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var name = NameOf(result.Device);
        var page = Path.Combine(folder, $"{name}.md");
        await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.json"), ToJson(result), cancellationToken);
        await File.WriteAllTextAsync(page, MarkdownReport.Of(result), cancellationToken);
        return page;
    }

    /// <summary>Driver's kind and device, in letters that every file system takes: <c>cuda-nvidia-h200</c>.</summary>
    internal static string NameOf(DeviceResult device)
    {
        var letters = $"{device.Name.Split(':')[0]}-{device.Description}".Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '-').ToArray();
        var name = string.Join('-', new string(letters).Split('-', StringSplitOptions.RemoveEmptyEntries));
        return name.Length <= MostName ? name : name[..MostName].TrimEnd('-');
    }

    internal static string ToJson(RunResult result) => JsonSerializer.Serialize(result, ResultJson.Default.RunResult) + "\n";

    internal static RunResult FromJson(string json) => JsonSerializer.Deserialize(json, ResultJson.Default.RunResult)!;
}

/// <summary>Written when the program is compiled: in the one file, types are not found by reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(RunResult))]
internal sealed partial class ResultJson : JsonSerializerContext;
