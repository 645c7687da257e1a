using Fuser.Host.Measuring;
using Fuser.Host.Tests.Http;

namespace Fuser.Host.Tests.Measuring;

public sealed class ThreadTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_member_works_once_in_every_round(int members)
    {
        const int Rounds = 2_000;
        var done = new int[members];
        using (var team = new ThreadTeam(members))
        {
            for (var round = 1; round <= Rounds; round++)
            {
                team.Run(member => done[member]++);
                done.ShouldAllBe(count => count == round);
            }
        }
    }

    [Fact]
    public async Task Sleeping_members_wake_up_for_work_and_for_the_end()
    {
        var done = new int[3];
        using var team = new ThreadTeam(3);
        for (var round = 1; round <= 3; round++)
        {
            await Eventually.ShouldBeAsync(() => team.IsAsleep);
            team.Run(member => done[member]++);
            done.ShouldBe([round, round, round]);
        }

        await Eventually.ShouldBeAsync(() => team.IsAsleep);
    }
}
