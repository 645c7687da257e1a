using System.Globalization;

namespace Fuser.Compare.Protocol;

/// <summary>The worker's end of the pipe: answers requests until there are none.</summary>
internal static class WorkerHost
{
    public static void Serve(IWorker worker, TextReader requests, TextWriter answers)
    {
        while (requests.ReadLine() is { } line)
        {
            answers.WriteLine(Answer(worker, Message.Parse(line)).ToLine());
            answers.Flush();
        }
    }

    private static Message Answer(IWorker worker, Message request)
    {
        try
        {
            return Message.Of(Message.Ok, Do(worker, request));
        }
        catch (RefusedException error)
        {
            return Message.Of(Message.Refused, error.Message);
        }
        catch (Exception error)
        {
            // The driver reports it with the workload, and goes on with the next.
            return Message.Of(Message.Failed, $"{error.GetType().Name}: {error.Message}");
        }
    }

    private static IEnumerable<string> Do(IWorker worker, Message request)
    {
        var fields = request.Fields;
        switch (request.Word)
        {
            case "hello":
                return [.. worker.Hello()];
            case "prepare":
                worker.Prepare(fields[0], [.. fields.Skip(1)]);
                return [];
            case "check":
                return [worker.Check(fields[0], Int(fields[1]), long.Parse(fields[2], CultureInfo.InvariantCulture), fields[3])];
            case "time":
                var (nanoseconds, calls) = worker.Time(fields[0], Int(fields[1]), double.Parse(fields[2], CultureInfo.InvariantCulture));
                return [nanoseconds.ToString("R", CultureInfo.InvariantCulture), calls.ToString(CultureInfo.InvariantCulture)];
            case "cold":
                return [worker.Cold(Int(fields[0]), Int(fields[1])).ToString("R", CultureInfo.InvariantCulture)];
            case "figures":
                return [.. worker.Figures(fields)];
            case "release":
                worker.Release();
                return [];
            default:
                throw new FormatException($"unknown request '{request.Word}'");
        }
    }

    private static int Int(string field) => int.Parse(field, CultureInfo.InvariantCulture);
}
