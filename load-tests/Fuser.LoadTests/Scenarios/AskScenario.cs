using Fuser.Actors;
using Fuser.Actors.Core;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests.Scenarios;

/// <summary>Asks of one actor, and runs of a small function that is ready, at rising rates.</summary>
internal sealed class AskScenario : Scenario
{
    private const int Elements = 1 << 10;
    private static readonly LoadBounds Bounds = new(100_000, TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(60));

    public override string Name => "ask";

    public override string Description => "Ask of one actor, and runs of 4 KiB whose kernel is ready, in this process, to the knee";

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        await using var fuser = await FuserSystem.StartAsync(null, cancellationToken).ConfigureAwait(false);
        var function = await fuser.RegisterAsync(ScaleGraph.Parse(1), cancellationToken).ConfigureAwait(false);
        var x = ScaleGraph.Data(Elements);
        await ScaleGraph.WarmUpAsync(function, x, 1, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var actors = new ActorSystem("load");
        var echo = actors.ActorOf(Props.Create<Echo>());
        List<Series> series =
        [
            await ToTheKneeAsync("Ask of one actor", settings, Bounds, request => AskAsync(echo, request, cancellationToken), cancellationToken).ConfigureAwait(false),
            await ToTheKneeAsync("RunAsync, 4 KiB", settings, Bounds, request => ScaleGraph.RunAsync(request, function, x, 1, cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false),
        ];
        return new ScenarioResult(Name, series, [], []);
    }

    private static async Task<Outcome> AskAsync(ActorRef echo, LoadRequest request, CancellationToken cancellationToken)
    {
        var answer = await echo.Ask<Doubled>(new Double(request.Number), cancellationToken: cancellationToken).ConfigureAwait(false);
        request.Answered();
        return answer.Number == request.Number * 2 ? Outcome.Right : Outcome.Wrong;
    }

    private sealed record Double(long Number);

    private sealed record Doubled(long Number);

    private sealed class Echo : Actor
    {
        protected override void Receive(object message)
        {
            if (message is Double asked)
            {
                Sender.Tell(new Doubled(asked.Number * 2));
            }
            else
            {
                Unhandled(message);
            }
        }
    }
}
