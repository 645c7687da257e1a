using System.Text;
using System.Text.Json;

namespace Fuser.Host.Commands;

/// <summary>Writes one JSON object on one line. Fields are written one by one: a serialiser would cost the start-up time of a whole run.</summary>
internal static class JsonLine
{
    public static void Write(TextWriter output, Action<Utf8JsonWriter> fields)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    /// <summary>Milliseconds with microseconds, which is what the clocks are good for.</summary>
    public static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 4);
}
