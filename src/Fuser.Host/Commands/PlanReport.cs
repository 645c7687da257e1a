using System.Globalization;
using Fuser.Actors;

namespace Fuser.Host.Commands;

/// <summary>The steps of a plan with what they do in memory, the same without fusion, and the difference.</summary>
internal sealed class PlanReport(Terminal terminal, PlanComparison plan)
{
    private readonly string _where = plan.Region is null ? "" : $" of {plan.Region}";

    public void Write()
    {
        WriteSteps();
        WriteStepsWithoutFusion();
        WriteTotals();
    }

    private void WriteSteps()
    {
        terminal.Out.WriteLine($"== steps{_where}");
        for (var i = 0; i < plan.Fused.Steps.Length; i++)
        {
            var step = plan.Fused.Steps[i];
            terminal.Out.WriteLine($"{i + 1}. {step.Description}");
            terminal.Out.WriteLine($"   {Bytes(step)}");
            if (step.Placement is { } placement)
            {
                terminal.Out.WriteLine(placement.RunsOnDevice
                    ? $"   runs on {plan.Fused.Copies?.Device}, {placement.Description}"
                    : $"   runs on the host, because {placement.Description}; {Number(placement.BytesToHost)} bytes are copied to the host before, {Number(placement.BytesToDevice)} bytes back");
            }

            if (step.Sweeps is not null)
            {
                terminal.Out.WriteLine($"   {step.Sweeps}");
            }

            foreach (var boundary in step.Boundaries)
            {
                terminal.Out.WriteLine($"   ends there because: {boundary}");
            }
        }

        if (plan.Fused.Copies is { } copies)
        {
            var inPlace = copies.SharesMemory ? "; the device shares the host's memory, so arrays that lie as its driver wants them are used where they are" : "";
            terminal.Out.WriteLine($"A call with arrays of the host copies {Number(copies.BytesToDevice)} bytes of inputs to {copies.Device} and {Number(copies.BytesToHost)} bytes of results back{inPlace}.");
        }

        terminal.Out.WriteLine();
    }

    private void WriteStepsWithoutFusion()
    {
        terminal.Out.WriteLine($"== steps{_where} without fusion");
        for (var i = 0; i < plan.Unfused.Steps.Length; i++)
        {
            terminal.Out.WriteLine($"{i + 1}. {plan.Unfused.Steps[i].Description}; {Bytes(plan.Unfused.Steps[i])}");
        }

        terminal.Out.WriteLine();
    }

    private void WriteTotals()
    {
        terminal.Out.WriteLine($"== memory{_where}");
        var table = new TextTable("plan", "steps", "bytes read", "bytes written", "bytes moved", "for intermediate results", "without using memory again");
        Add(table, "fused", plan.Fused);
        Add(table, "without fusion", plan.Unfused);
        table.Add(
            "fusion saves",
            Times(plan.Unfused.Steps.Length, plan.Fused.Steps.Length),
            Times(plan.Unfused.BytesRead, plan.Fused.BytesRead),
            Times(plan.Unfused.BytesWritten, plan.Fused.BytesWritten),
            Times(Moved(plan.Unfused), Moved(plan.Fused)),
            Times(plan.Unfused.PeakBytes, plan.Fused.PeakBytes),
            Times(plan.Unfused.BytesWithoutReuse, plan.Fused.BytesWithoutReuse));
        table.Write(terminal);
        terminal.Out.WriteLine();
    }

    private static void Add(TextTable table, string name, PlanExplanation explanation) => table.Add(
        name,
        Number(explanation.Steps.Length),
        Number(explanation.BytesRead),
        Number(explanation.BytesWritten),
        Number(Moved(explanation)),
        Number(explanation.PeakBytes),
        Number(explanation.BytesWithoutReuse));

    private static Int128 Moved(PlanExplanation explanation) => (Int128)explanation.BytesRead + explanation.BytesWritten;

    private static string Times(Int128 before, Int128 after) =>
        before == after ? "nothing" : after == 0 ? "all" : string.Create(CultureInfo.InvariantCulture, $"{(double)before / (double)after:0.00} times");

    private static string Bytes(StepExplanation step) => $"reads {Number(step.BytesRead)} bytes, writes {Number(step.BytesWritten)} bytes";

    private static string Number(Int128 value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
