using Fuser.LoadTests;

var options = new LoadTestOptions(ScenarioCatalogue.All);
var isTerminal = !Console.IsErrorRedirected;
var progress = new ProgressLine(Console.Error, isTerminal, isTerminal ? Console.WindowWidth : int.MaxValue, TimeProvider.System);
options.Root.SetAction(async (arguments, cancellationToken) =>
{
    try
    {
        return await new LoadTestRun(options, progress, TimeProvider.System).RunAsync(arguments, cancellationToken).ConfigureAwait(false);
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        progress.Write("cancelled; what had ended before is written");
        return 1;
    }
});
var parsed = options.Root.Parse(args);
var exit = await parsed.InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) }).ConfigureAwait(false);
return parsed.Errors.Count > 0 ? 2 : exit;
